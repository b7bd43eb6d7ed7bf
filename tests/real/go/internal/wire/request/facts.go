package request

import (
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"real/internal/wire/server"
)

// Trouble is what a reader of the wire format stumbles over, who looks only for what is to be judged.
type Trouble int

const (
	// None: the message names one namespace, and what its parts name.
	None Trouble = iota
	// Undecodable: no decoder takes the bytes.
	Undecodable
	// TooDeep: groups stand in each other more than 100 deep.
	TooDeep
	// WireType: a field that is looked for has another wire type, which Go skips.
	WireType
	// TooLong: a namespace above 1,000 bytes.
	TooLong
	// TooMany: more than 1,000 different targets.
	TooMany
	// Disagreement: an operation of ExecuteMultiOperation names another namespace.
	Disagreement
	// NamedTwice: a namespace by its name and by its id.
	NamedTwice
)

// Facts are what a message says.
type Facts struct {
	Trouble Trouble
	// Namespace is the one that the message names.
	Namespace string
	// Named is the same as Go's decoder has it, which skips what has another wire type.
	Named string
	// Targets are what its commands do in other namespaces.
	Targets []Target
}

// Target is a method in a namespace.
type Target struct{ Method, Namespace string }

const (
	maxNamespace = 1000
	maxTargets   = 1000
	maxDepth     = 100
)

// Read finds the facts of a message of this method. Commands are looked into when they are judged.
func Read(method *server.Method, message []byte, commands bool) Facts {
	var facts Facts
	if method.Namespace != nil {
		facts.Namespace, _, facts.Trouble = lastText(message, method.Namespace.Number(), maxDepth)
		facts.Named = lastBytes(message, method.Namespace.Number())
	} else {
		_, _, facts.Trouble = lastText(message, 0, maxDepth)
	}
	if facts.Trouble == None && len(facts.Namespace) > maxNamespace {
		facts.Trouble = TooLong
	}
	if facts.Trouble != None {
		return facts
	}
	switch {
	case method.Name == "ExecuteMultiOperation":
		facts.Trouble = operations(message, facts.Namespace)
	case method.Name == "DescribeNamespace" || method.Name == "DeleteNamespace":
		var id string
		if id, _, facts.Trouble = lastText(message, ID, maxDepth); id != "" && facts.Namespace != "" {
			facts.Trouble = NamedTwice
		}
	case method.Name == "RespondWorkflowTaskCompleted" && commands:
		facts.Targets, facts.Trouble = targets(message, facts.Namespace)
	}
	return facts
}

// walk calls visit with each field, until there is trouble.
func walk(message []byte, depth int, visit func(protowire.Number, protowire.Type, []byte) Trouble) Trouble {
	for len(message) > 0 {
		number, kind, used := protowire.ConsumeTag(message)
		if used < 0 {
			return Undecodable
		}
		if !groupsWithin(message, depth) {
			return TooDeep
		}
		length := protowire.ConsumeFieldValue(number, kind, message[used:])
		if length < 0 {
			return Undecodable
		}
		value := message[used : used+length]
		if kind == protowire.BytesType {
			value, _ = protowire.ConsumeBytes(value)
		}
		if trouble := visit(number, kind, value); trouble != None {
			return trouble
		}
		message = message[used+length:]
	}
	return None
}

// groupsWithin says whether the groups that the message begins with are at most depth deep.
func groupsWithin(message []byte, depth int) bool {
	deep := 0
	for len(message) > 0 {
		number, kind, used := protowire.ConsumeTag(message)
		if used < 0 {
			return true // trouble of another kind
		}
		message = message[used:]
		switch kind {
		case protowire.StartGroupType:
			if deep++; deep > depth {
				return false
			}
		case protowire.EndGroupType:
			deep--
		default:
			if deep+1 > depth {
				return false
			}
			length := protowire.ConsumeFieldValue(number, kind, message)
			if length < 0 {
				return true
			}
			message = message[length:]
		}
		if deep <= 0 {
			return true
		}
	}
	return true
}

// lastText gives the last value of a string field, and whether there is any.
func lastText(message []byte, field protowire.Number, depth int) (last string, found bool, trouble Trouble) {
	trouble = walk(message, depth, func(number protowire.Number, kind protowire.Type, value []byte) Trouble {
		switch {
		case number != field:
			return None
		case kind != protowire.BytesType:
			return WireType
		case !utf8.Valid(value):
			return Undecodable
		}
		last, found = string(value), true
		return None
	})
	return last, found, trouble
}

func lastBytes(message []byte, field protowire.Number) string {
	last := ""
	walk(message, maxDepth, func(number protowire.Number, kind protowire.Type, value []byte) Trouble {
		if number == field && kind == protowire.BytesType {
			last = string(value)
		}
		return None
	})
	return last
}
