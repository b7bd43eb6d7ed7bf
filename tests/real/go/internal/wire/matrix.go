package wire

import (
	"fmt"

	"real/internal/wire/call"
	"real/internal/wire/request"
	"real/internal/wire/server"
)

// named is a message with a name.
type named struct {
	name    string
	message []byte
}

// matrix gives the fixed cases of a pair to each, in order.
func (c cast) matrix(methods []*server.Method, each func(*testCase)) {
	core, odd := c.core(), append(c.odd(), c.quirky()...)
	few := core[len(core)-12:]
	some := []*caller{core[0], core[2], core[7], few[1], few[2], few[3], few[6], few[9], few[11]}
	if c.pair.settings.Audience != "" || c.pair.always {
		some = []*caller{core[2], few[2], few[6], few[9], few[11]}
	}
	for _, method := range methods {
		for _, message := range usual(method) {
			for _, who := range core {
				each(c.pair.newCase(method.Path(), method, who, message.name, message.message, plain))
			}
		}
		for _, message := range unusual(method) {
			for _, who := range some {
				each(c.pair.newCase(method.Path(), method, who, message.name, message.message, plain))
			}
		}
		for _, who := range some {
			each(c.pair.newCase(method.Path(), method, who, "usual", usual(method)[0].message, gzipped))
			forged := c.pair.newCase(method.Path(), method, who, "forged principal", usual(method)[0].message, plain)
			forged.more = forgedPrincipal
			each(forged)
		}
	}
	for _, method := range chosen(methods) {
		for _, message := range usual(method)[:1] {
			for _, who := range odd {
				each(c.pair.newCase(method.Path(), method, who, message.name, message.message, plain))
			}
		}
		for _, headers := range hops {
			for _, who := range some {
				c := c.pair.newCase(method.Path(), method, who, fmt.Sprintf("headers %v", headers), usual(method)[0].message, plain)
				c.more = headers
				each(c)
			}
		}
		for _, framing := range framings {
			for _, who := range some {
				each(c.pair.newCase(method.Path(), method, who, "framed", usual(method)[0].message, framing))
			}
		}
	}
	for _, path := range paths {
		for _, who := range append(core, odd...) {
			each(c.pair.newCase(path, nil, who, "a path", nil, plain))
		}
	}
}

// chosen are methods of each kind: open, of each access, cluster scope, admin, with a task token, streaming.
func chosen(methods []*server.Method) []*server.Method {
	wanted := map[string]bool{
		"GetSystemInfo": true, "DescribeNamespace": true, "StartWorkflowExecution": true, "ListNamespaces": true,
		"DeleteNamespace": true, "RespondWorkflowTaskCompleted": true, "DescribeCluster": true, "Check": true,
		"StreamWorkflowReplicationMessages": true, "Watch": true,
	}
	var found []*server.Method
	for _, method := range methods {
		if wanted[method.Name] {
			found = append(found, method)
		}
	}
	return found
}

const workflowService = "/temporal.api.workflowservice.v1.WorkflowService/"

// paths are those that no service has.
var paths = []string{
	workflowService + "NotThere", workflowService + "startWorkflowExecution", "/a.B/C", "/temporal.api.nexusservice.v1.NexusService/DispatchNexusTask",
	"/temporal.server.api.adminservice.v1.AdminService/AddedLater", "/temporal.server.api.adminservice.v1.AdminServiceX/AddTasks",
	"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
	"/temporal.server.api.adminservice.v1.AdminService/a/b", "/temporal.server.api.adminservice.v1.AdminService/",
	"/", "//", "/x", "/a.B/", "//" + workflowService[1:] + "GetSystemInfo", workflowService + "GetSystemInfo/", workflowService + "Get%53ystemInfo",
	workflowService + "GetSystemInfo?x=1", workflowService + "ListNamespaces?", workflowService + "NotThere?x",
	"/grpc.health.v1.Health/Check?service=x",
}

// hops are headers of the transport.
var hops = [][]call.Header{
	{{Name: "content-type", Value: "application/grpc+proto"}}, {{Name: "content-type", Value: "application/grpc;charset=utf-8"}},
	{{Name: "content-type", Value: "application/grpc+json"}}, {{Name: "content-type", Value: "Application/GRPC"}},
	{{Name: "grpc-accept-encoding", Value: "gzip,identity"}}, {{Name: "grpc-timeout", Value: "20S"}},
	{{Name: "x-bin", Value: "AAEC"}, {Name: "x-bin", Value: "AwQF"}}, {{Name: "te", Value: ""}},
	{{Name: "content-type", Value: "text/plain"}},
}

var forgedPrincipal = []call.Header{
	{Name: "temporal-principal-type", Value: "temporal"}, {Name: "temporal-principal-name", Value: "internal"},
	{Name: "Temporal-Principal-Name", Value: "again"},
}

// usual are the messages that are sent by every caller.
func usual(method *server.Method) []named {
	if method.Namespace == nil {
		return []named{{"empty", nil}}
	}
	field := method.Namespace.Number()
	token := []byte{}
	if method.TaskToken != nil {
		token = request.Text(method.TaskToken.Number(), request.TaskToken("default"))
	}
	return []named{
		{"namespace default", request.Join(request.Text(field, "default"), token)},
		{"another namespace", request.Join(request.Text(field, "other"), token)},
		{"no namespace", nil},
	}
}

// unusual are messages that an ordinary client would not send.
func unusual(method *server.Method) []named {
	var messages []named
	add := func(name string, parts ...[]byte) { messages = append(messages, named{name, request.Join(parts...)}) }
	add("unknown fields", request.Unknown())
	add("a field cut short", []byte{0x0a, 0x05, 'x'})
	add("field 0", []byte{0x00, 0x01})
	add("wire type 7", []byte{0x0f})
	add("groups 100 deep", request.Group(15001, 100))
	add("groups 101 deep", request.Group(15001, 101))
	if method.Namespace != nil {
		namespaces(method, add)
	}
	switch method.Name {
	case "RespondWorkflowTaskCompleted":
		commands(method, add)
	case "ExecuteMultiOperation":
		operations(method, add)
	case "DescribeNamespace", "DeleteNamespace":
		ids(method, add)
	}
	return messages
}

func namespaces(method *server.Method, add func(string, ...[]byte)) {
	field := method.Namespace.Number()
	name := func(name string) []byte { return request.Text(field, name) }
	add("an empty namespace field", name(""))
	add("repeated, default last", name("other"), name("default"))
	add("repeated, other last", name("default"), name("other"))
	add("repeated, empty last", name("default"), name(""))
	add("unknown fields around", request.Unknown(), name("default"), request.Unknown())
	add("another case", name("Default"))
	add("a space behind", name("default "))
	add("the system's name", name(system))
	add("1,000 bytes", name(long(1000)))
	add("1,001 bytes", name(long(1001)))
	add("no UTF-8", name("\xff"))
	add("no UTF-8, then default", name("\xff"), name("default"))
	add("a varint", request.Number(field, 1))
	add("a varint, then default", request.Number(field, 1), name("default"))
	add("default, then eight bytes", name("default"), request.Fixed(field, 1))
	add("default, then a group", name("default"), request.Group(field, 1))
	if method.TaskToken == nil {
		return
	}
	token := func(text string) []byte { return request.Text(method.TaskToken.Number(), text) }
	add("a token of default alone", token(request.TaskToken("default")))
	add("a token of other alone", token(request.TaskToken("other")))
	add("a token of other, namespace default", token(request.TaskToken("other")), name("default"))
	add("a token of no namespace", token(request.TaskToken("")[:0]+"\x12\x01w"))
	add("a token that does not decode", token("\xff\xff"))
	add("a token that does not decode, namespace default", token("\xff\xff"), name("default"))
}

func long(length int) string { return fmt.Sprintf("%0*d", length, 1) }
