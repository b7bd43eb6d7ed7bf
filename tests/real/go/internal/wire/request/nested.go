package request

import "google.golang.org/protobuf/encoding/protowire"

// attributes are the member of a oneof that is set, and the namespace in it.
type attributes struct {
	member    protowire.Number
	namespace string
}

// merge reads a member that occurs (again): the same member is merged, another one is replaced.
func (a *attributes) merge(member protowire.Number, value []byte, depth int) Trouble {
	if a.member != member {
		*a = attributes{member: member}
	}
	last, found, trouble := lastText(value, Inner, depth)
	if found {
		a.namespace = last
	}
	return trouble
}

func operations(message []byte, own string) Trouble {
	agree := true
	trouble := walk(message, maxDepth, func(number protowire.Number, kind protowire.Type, value []byte) Trouble {
		if number != Operations {
			return None
		}
		if kind != protowire.BytesType {
			return WireType
		}
		var operation attributes
		trouble := walk(value, maxDepth-1, func(number protowire.Number, kind protowire.Type, value []byte) Trouble {
			if number != 1 && number != 2 {
				return None
			}
			if kind != protowire.BytesType {
				return WireType
			}
			return operation.merge(number, value, maxDepth-2)
		})
		agree = agree && (operation.namespace == "" || operation.namespace == own)
		return trouble
	})
	if trouble == None && !agree {
		return Disagreement
	}
	return trouble
}

func targets(message []byte, own string) ([]Target, Trouble) {
	var targets []Target
	seen := map[attributes]bool{}
	trouble := walk(message, maxDepth, func(number protowire.Number, kind protowire.Type, value []byte) Trouble {
		if number != Commands {
			return None
		}
		if kind != protowire.BytesType {
			return WireType
		}
		found, trouble := command(value)
		if trouble != None || found.namespace == "" || found.namespace == own || seen[found] {
			return trouble
		}
		seen[found] = true
		targets = append(targets, Target{method(found.member), found.namespace})
		switch {
		case len(found.namespace) > maxNamespace:
			return TooLong
		case len(seen) > maxTargets:
			return TooMany
		}
		return None
	})
	return targets, trouble
}

// command gives the attributes that the type of the command says count.
func command(message []byte) (attributes, Trouble) {
	var kind uint64
	var found attributes
	trouble := walk(message, maxDepth-1, func(number protowire.Number, wire protowire.Type, value []byte) Trouble {
		switch {
		case number == 1:
			if wire != protowire.VarintType {
				return WireType
			}
			kind, _ = protowire.ConsumeVarint(value)
		case number >= 2 && number <= 19 && number != 16:
			if wire != protowire.BytesType {
				return WireType
			}
			if !isKind(number) {
				found = attributes{}
				return None
			}
			return found.merge(number, value, maxDepth-2)
		}
		return None
	})
	for _, known := range Kinds {
		if known.Member == found.member && known.Type == kind&(1<<32-1) {
			return found, trouble
		}
	}
	return attributes{}, trouble
}

func isKind(member protowire.Number) bool { return method(member) != "" }

// method is the one that does the same as a command with these attributes.
func method(member protowire.Number) string {
	for _, kind := range Kinds {
		if kind.Member == member {
			return kind.Method
		}
	}
	return ""
}
