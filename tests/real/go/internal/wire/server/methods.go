// Package server has both sides' servers: Temporal's own interceptors around handlers that only tell what they saw, and
// the same handlers without authorization, for a gateway to stand in front of.
package server

import (
	"go.temporal.io/server/common/api"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "go.temporal.io/api/operatorservice/v1"        // OperatorService
	_ "go.temporal.io/api/workflowservice/v1"        // WorkflowService
	_ "go.temporal.io/server/api/adminservice/v1"    // AdminService
	_ "google.golang.org/grpc/health/grpc_health_v1" // Health
)

// Services are all services of Temporal's frontend.
var Services = []protoreflect.FullName{
	"temporal.api.workflowservice.v1.WorkflowService",
	"temporal.api.operatorservice.v1.OperatorService",
	"temporal.server.api.adminservice.v1.AdminService",
	"grpc.health.v1.Health",
}

// Method is one method of these services.
type Method struct {
	Service, Name string
	Streaming     bool
	Input         protoreflect.MessageDescriptor
	// Metadata is what Temporal's default authorizer looks at.
	Metadata api.MethodMetadata
	// Namespace and TaskToken are fields of the input; nil when it has none.
	Namespace, TaskToken protoreflect.FieldDescriptor
}

// Path is where the method is called.
func (m *Method) Path() string { return "/" + m.Service + "/" + m.Name }

// Methods gives all methods, in the order of their descriptors.
func Methods() ([]*Method, error) {
	var methods []*Method
	for _, name := range Services {
		found, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
		if err != nil {
			return nil, err
		}
		rows := found.(protoreflect.ServiceDescriptor).Methods()
		for i := range rows.Len() {
			methods = append(methods, method(string(name), rows.Get(i)))
		}
	}
	return methods, nil
}

func method(service string, row protoreflect.MethodDescriptor) *Method {
	method := &Method{
		Service: service, Name: string(row.Name()),
		Streaming: row.IsStreamingClient() || row.IsStreamingServer(),
		Input:     row.Input(),
		Metadata:  api.GetMethodMetadata("/" + service + "/" + string(row.Name())),
	}
	if field := row.Input().Fields().ByName("namespace"); field != nil && field.Kind() == protoreflect.StringKind {
		method.Namespace = field
	}
	if field := row.Input().Fields().ByName("task_token"); field != nil {
		method.TaskToken = field
	}
	return method
}
