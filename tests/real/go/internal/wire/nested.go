package wire

import (
	"fmt"

	"real/internal/wire/request"
	"real/internal/wire/server"
)

// commands are those of RespondWorkflowTaskCompleted, to other namespaces.
func commands(method *server.Method, add func(string, ...[]byte)) {
	own := request.Text(method.Namespace.Number(), "default")
	for _, kind := range request.Kinds {
		member, typed := kind.Member, request.Number(1, kind.Type)
		in := func(namespace string) []byte { return request.Message(member, request.Text(request.Inner, namespace)) }
		command := func(parts ...[]byte) []byte { return request.Message(request.Commands, parts...) }
		for _, namespace := range []string{"other", "default", "", "third"} {
			add(kind.Method+" in "+namespace, own, kind.Command(namespace))
		}
		add(kind.Method+", the namespace behind it", kind.Command("default"), kind.Command("other"), own)
		add(kind.Method+" of another type", own, command(request.Number(1, 3), in("other")))
		add(kind.Method+" without a type", own, command(in("other")))
		add(kind.Method+", its type last", own, command(in("other"), typed))
		add(kind.Method+", its type twice", own, command(request.Number(1, 3), in("other"), typed))
		add(kind.Method+", its type cut to 32 bits", own, command(request.Number(1, kind.Type|1<<32), in("other")))
		add(kind.Method+" merged", own, command(typed, in("third"), in("other")))
		add(kind.Method+" merged with nothing", own, command(typed, in("other"), request.Message(member)))
		add(kind.Method+" replaced", own, command(typed, in("other"), request.Message(5)))
		add(kind.Method+" replacing", own, command(typed, request.Message(5), in("other")))
		add(kind.Method+" in no UTF-8", own, command(typed, in("\xff")))
		add(kind.Method+" in a number", own, command(typed, request.Message(member, request.Number(request.Inner, 1))))
		add(kind.Method+" as a number", own, command(typed, request.Number(member, 1)))
		add(kind.Method+" with unknown fields", own, command(request.Unknown(), typed, in("other"), request.Unknown()), request.Unknown())
		add(kind.Method+" in a long namespace", own, kind.Command(long(1001)))
	}
	add("all kinds in other", own, request.Kinds[0].Command("other"), request.Kinds[1].Command("other"), request.Kinds[2].Command("other"))
	add("a command that is a number", own, request.Number(request.Commands, 1))
	add("a type that is text", own, request.Message(request.Commands, request.Text(1, "x")))
	for _, count := range []int{1000, 1001} {
		many := [][]byte{own}
		for i := range count {
			many = append(many, request.Kinds[0].Command(fmt.Sprintf("n%d", i)))
		}
		add(fmt.Sprintf("%d targets", count), many...)
	}
	token := request.Text(method.TaskToken.Number(), request.TaskToken("default"))
	add("a command, and a token alone", token, request.Kinds[1].Command("other"))
	add("a command home, and a token alone", token, request.Kinds[1].Command("default"))
}

// ids are of namespaces that are named so, alone or beside their names.
func ids(method *server.Method, add func(string, ...[]byte)) {
	own, id := request.Text(method.Namespace.Number(), "default"), request.Text(request.ID, "other")
	add("an id", id)
	add("a name and an id", own, id)
	add("an id and a name", id, own)
	add("an empty name and an id", request.Text(method.Namespace.Number(), ""), id)
	add("a name and an empty id", own, request.Text(request.ID, ""))
	add("a name and an id that is a number", own, request.Number(request.ID, 1))
}

// operations are those of ExecuteMultiOperation.
func operations(method *server.Method, add func(string, ...[]byte)) {
	own := request.Text(method.Namespace.Number(), "default")
	start := func(namespace string) []byte { return request.Message(1, request.Text(request.Inner, namespace)) }
	update := func(namespace string) []byte { return request.Message(2, request.Text(request.Inner, namespace)) }
	operation := func(parts ...[]byte) []byte { return request.Message(request.Operations, parts...) }
	add("operations at home", own, operation(start("default")), operation(update("default")))
	add("operations without a namespace", own, operation(request.Message(1)), operation(request.Message(2)))
	add("a start elsewhere", own, operation(start("other")), operation(update("default")))
	add("an update elsewhere", operation(update("other")), own)
	add("elsewhere, and replaced", own, operation(start("other"), update("default")))
	add("at home, and replaced", own, operation(update("default"), start("other")))
	add("elsewhere, and merged", own, operation(start("other"), start("default")))
	add("an operation that is a number", own, request.Number(request.Operations, 1))
	add("an operation in a number", own, operation(request.Message(1, request.Number(request.Inner, 1))))
	add("an operation that does not decode", own, operation([]byte{0x0a}))
	add("operations, and no namespace", operation(start("other")))
}
