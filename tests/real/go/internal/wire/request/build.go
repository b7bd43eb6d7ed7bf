// Package request has the messages of the calls, byte by byte, and says what a careful reader finds in them.
package request

import (
	tokenpb "go.temporal.io/server/api/token/v1"
	"google.golang.org/protobuf/encoding/protowire"

	"real/internal/wire/server"
)

// The fields that the cases are about.
const (
	// Commands is RespondWorkflowTaskCompletedRequest.commands.
	Commands = 2
	// Operations is ExecuteMultiOperationRequest.operations.
	Operations = 2
	// ID is DescribeNamespaceRequest.id, and DeleteNamespaceRequest.namespace_id.
	ID = 2
	// Inner is the namespace of a command's attributes and of an operation's request.
	Inner = 1
	// unknown is a field that no message has.
	unknown = 15001
)

// Text is a string or bytes field.
func Text(number protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), text)
}

// Message is an embedded message.
func Message(number protowire.Number, parts ...[]byte) []byte {
	return Text(number, string(Join(parts...)))
}

// Number is a varint field.
func Number(number protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), value)
}

// Fixed is a field of eight bytes.
func Fixed(number protowire.Number, value uint64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(nil, number, protowire.Fixed64Type), value)
}

// Group is groups in each other, this deep.
func Group(number protowire.Number, depth int) []byte {
	var group []byte
	for range depth {
		group = protowire.AppendTag(group, number, protowire.StartGroupType)
	}
	for range depth {
		group = protowire.AppendTag(group, number, protowire.EndGroupType)
	}
	return group
}

// Join puts parts behind each other.
func Join(parts ...[]byte) []byte {
	joined := []byte{}
	for _, part := range parts {
		joined = append(joined, part...)
	}
	return joined
}

// Unknown is fields of every wire type that no message has.
func Unknown() []byte {
	return Join(Number(unknown, 7), Text(unknown, "x"), Fixed(unknown, 8), Group(unknown, 3))
}

// TaskToken is a token of a task in this namespace; the query task of RespondQueryTaskCompleted has the same field.
func TaskToken(namespace string) string {
	token := &tokenpb.Task{NamespaceId: server.NamespaceID(namespace), WorkflowId: "w"}
	encoded, err := token.Marshal()
	if err != nil {
		return ""
	}
	return string(encoded)
}

// Kind is a kind of command that can name a namespace.
type Kind struct {
	Type   uint64
	Member protowire.Number
	// Method is the one of WorkflowService that does the same.
	Method string
}

// Kinds are all of them: to cancel, to start a child, to signal.
var Kinds = []Kind{
	{8, 9, "RequestCancelWorkflowExecution"}, {11, 12, "StartWorkflowExecution"}, {12, 13, "SignalWorkflowExecution"},
}

// Command of this kind in this namespace.
func (k Kind) Command(namespace string) []byte {
	return Message(Commands, Number(1, k.Type), Message(k.Member, Text(Inner, namespace)))
}
