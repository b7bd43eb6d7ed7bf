package request

import (
	"math/rand"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"real/internal/wire/server"
)

// Names are the namespaces that random messages name.
var Names = []string{"default", "other", "third", "", "Default", "default ", "\u00e9"}

// Random is a message of a method, mostly well-formed: any fields in any order, repeated, merged, unknown, and now and then
// damaged.
func Random(r *rand.Rand, method *server.Method) []byte {
	message := fields(r, method.Input, 4)
	if method.Namespace != nil && r.Intn(5) > 0 {
		message = Join(message, Text(method.Namespace.Number(), name(r)))
	}
	if method.TaskToken != nil && r.Intn(3) > 0 {
		message = Join(Text(method.TaskToken.Number(), TaskToken(Names[r.Intn(2)])), message)
	}
	if method.Name == "RespondWorkflowTaskCompleted" {
		for range r.Intn(4) {
			kind := Kinds[r.Intn(len(Kinds))]
			message = Join(kind.Command(name(r)), message)
		}
	}
	if method.Name == "ExecuteMultiOperation" && r.Intn(2) == 0 {
		member := protowire.Number(1 + r.Intn(2))
		message = Join(message, Message(Operations, Message(member, Text(Inner, name(r)))))
	}
	if r.Intn(12) == 0 && len(message) > 0 {
		return damage(r, message)
	}
	return message
}

func name(r *rand.Rand) string {
	if r.Intn(2) == 0 {
		return "default"
	}
	return Names[r.Intn(len(Names))]
}

func damage(r *rand.Rand, message []byte) []byte {
	at := r.Intn(len(message))
	switch r.Intn(3) {
	case 0:
		return message[:at]
	case 1:
		return Join(message[:at], []byte{byte(r.Intn(256))}, message[at:])
	default:
		message[at] ^= byte(1 << r.Intn(8))
		return message
	}
}

// fields are some of a message's, each with a value of its kind.
func fields(r *rand.Rand, message protoreflect.MessageDescriptor, depth int) []byte {
	encoded := []byte{}
	all := message.Fields()
	for range r.Intn(5) {
		if all.Len() == 0 || r.Intn(10) == 0 {
			encoded = Join(encoded, Unknown())
			continue
		}
		encoded = Join(encoded, field(r, all.Get(r.Intn(all.Len())), depth))
	}
	return encoded
}

func field(r *rand.Rand, field protoreflect.FieldDescriptor, depth int) []byte {
	number := field.Number()
	switch field.Kind() {
	case protoreflect.MessageKind:
		if depth == 0 {
			return Message(number)
		}
		return Message(number, fields(r, field.Message(), depth-1))
	case protoreflect.StringKind:
		return Text(number, name(r))
	case protoreflect.BytesKind:
		return Text(number, TaskToken(name(r)))
	case protoreflect.DoubleKind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return Fixed(number, r.Uint64())
	case protoreflect.FloatKind, protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind:
		return protowire.AppendFixed32(protowire.AppendTag(nil, number, protowire.Fixed32Type), r.Uint32())
	case protoreflect.EnumKind:
		return Number(number, uint64(r.Intn(20)))
	case protoreflect.BoolKind:
		return Number(number, uint64(r.Intn(2)))
	default:
		return Number(number, r.Uint64()>>r.Intn(64))
	}
}
