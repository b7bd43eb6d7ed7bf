package wire

import (
	"slices"
	"strings"

	"google.golang.org/grpc/codes"

	"real/internal/wire/call"
)

// answerDifferences are those that only an authorizer or a claim mapper of one's own can bring about.
var answerDifferences = []difference{
	{
		name: "a plug-in that panics", reason: "it denies the call instead of taking it along",
		matches: func(c *testCase, reference call.Answer) bool {
			return strings.HasSuffix(c.caller.name, "panic") && reference.Code == int(codes.Internal)
		},
		instead: refuse,
	},
	{
		name: "an undefined bit in a role", reason: "roles are compared as numbers",
		matches: func(c *testCase, reference call.Answer) bool {
			role, found := strings.CutPrefix(c.caller.name, "system:")
			return found && len(role) > 1 && role != "15"
		},
		instead: refuse,
	},
	{
		name: "frontend.exposeAuthorizerErrors", reason: "whoever turns it on wants to read the error, so it is not masked",
		matches: func(_ *testCase, reference call.Answer) bool {
			return strings.HasPrefix(reference.Message, "something went wrong, please retry (")
		},
		as: func(c *testCase) *testCase { return c.to(workflowService + "ListNamespaces") },
	},
	{
		name: "DATA_LOSS of an authorizer, exposed", reason: "it is not masked",
		matches: func(_ *testCase, reference call.Answer) bool {
			return reference.Message == "internal history service error"
		},
		instead: fixed(codes.DataLoss, "in its own words"),
	},
	{
		name: "a refused stream", reason: "Temporal's converter of errors does not run on streams",
		matches: func(c *testCase, reference call.Answer) bool {
			return c.method.Streaming && reference.Code == int(codes.Unknown) && !reference.Ran
		},
		as: func(c *testCase) *testCase { return c.to(adminUnary) },
	},
}

// to is the same call to a method of the same scope and access, without a namespace.
func (c *testCase) to(path string) *testCase {
	return c.pair.newCase(path, c.pair.methods[path], c.caller, c.name, nil, plain)
}

func allDifferences() []difference {
	return slices.Concat(differences, views, answerDifferences)
}
