// Package perf measures the gateway beside other proxies, and the layer beside other authorization in the same process.
package perf

import (
	"encoding/binary"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/proto"
)

// Method is the method of every call.
const Method = workflowservice.WorkflowService_StartWorkflowExecution_FullMethodName

// Namespace of every call; Permission is what the good tokens grant.
const (
	Namespace  = "default"
	Permission = Namespace + ":write"
)

// Request is a StartWorkflowExecution of exactly this many bytes: what is missing is the workflow's input.
func Request(size int) (*workflowservice.StartWorkflowExecutionRequest, error) {
	input := &commonpb.Payload{}
	request := &workflowservice.StartWorkflowExecutionRequest{
		Namespace:    Namespace,
		WorkflowId:   "order-4711",
		WorkflowType: &commonpb.WorkflowType{Name: "Order"},
		TaskQueue:    &taskqueuepb.TaskQueue{Name: "orders"},
		Input:        &commonpb.Payloads{Payloads: []*commonpb.Payload{input}},
		RequestId:    "8f14e45f",
	}
	for filling := size - proto.Size(request); filling >= 0; filling-- {
		input.Data = make([]byte, filling)
		if proto.Size(request) == size {
			for i := range input.Data {
				input.Data[i] = byte('a' + i%26)
			}
			return request, nil
		}
	}
	return nil, fmt.Errorf("no request of %d bytes", size)
}

// frame is the message as gRPC sends it: a flag, the length in four bytes, the bytes.
func frame(message proto.Message) ([]byte, error) {
	encoded, err := proto.Marshal(message)
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(encoded))), encoded...), nil
}
