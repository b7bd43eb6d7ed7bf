package wire

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"google.golang.org/grpc/codes"

	"real/internal/wire/call"
)

// views are differences in what the handler of an allowed call sees. Several can be there in one call.
var views = []difference{
	{
		name: "principal headers from outside", reason: "they are stripped on every path, also where streams are not judged",
		matches: func(c *testCase, _ call.Answer) bool { return c.unjudged() },
		instead: func(_ *testCase, answer call.Answer) call.Answer {
			answer.PrincipalTypes, answer.PrincipalNames = "", ""
			return answer
		},
	},
	{
		name: tokenAlone, reason: "it stays empty, also where it says whether the handler is told the principal",
		matches: func(c *testCase, _ call.Answer) bool { return c.bodyRead() && c.tokenAlone() },
		instead: (*testCase).principalOutside,
	},
	{
		name: "frontend.enablePrincipalPropagation in one namespace", reason: "a method of cluster scope is judged in no namespace",
		matches: func(c *testCase, _ call.Answer) bool {
			return c.method != nil && !c.method.Streaming && !c.bodyRead() && !c.open() && c.facts.Named != ""
		},
		instead: (*testCase).principalOutside,
	},
	{
		name: "a principal name with control characters", reason: "no header can carry it",
		matches: func(c *testCase, answer call.Answer) bool {
			return answer.PrincipalNames != "" && strings.ContainsFunc(c.caller.claims.Subject, unicode.IsControl)
		},
		instead: func(_ *testCase, answer call.Answer) call.Answer {
			answer.PrincipalNames = ""
			return answer
		},
	},
	{
		name: "a call without te: trailers", reason: "gRPC over HTTP/2 asks for it, so the relay takes it for something else",
		matches: func(c *testCase, _ call.Answer) bool { return c.sends("te", "") },
		instead: func(*testCase, call.Answer) call.Answer {
			return call.Answer{
				HTTP: http.StatusUnsupportedMediaType, Code: int(codes.InvalidArgument),
				Message: "not a gRPC call: content-type application/grpc and te trailers are needed",
			}
		},
	},
	{
		name: "credential headers", reason: "an upstream has no use for them",
		matches: func(*testCase, call.Answer) bool { return true },
		instead: func(_ *testCase, answer call.Answer) call.Answer {
			answer.Credentials = 0
			return answer
		},
	},
}

// seen gives what our side's handler should see of a call that is answered like this, and which differences show in it.
func (c *testCase) seen(answer call.Answer) (call.Answer, []string) {
	var names []string
	for _, view := range views {
		if answer.Ran && view.matches(c, answer) {
			other := view.instead(c, answer)
			if other != answer {
				names = append(names, view.name)
			}
			answer = other
		}
	}
	return answer, names
}

// principalOutside has the principal that a call in no namespace has.
func (c *testCase) principalOutside(answer call.Answer) call.Answer {
	answer.PrincipalTypes, answer.PrincipalNames = "", ""
	if c.pair.dynamic.Propagates("") {
		answer.PrincipalTypes, answer.PrincipalNames = quoted(c.caller.claims.AuthType), quoted(c.caller.claims.Subject)
	}
	return answer
}

// quoted is a header's value as answers show it; an empty one is not sent.
func quoted(value string) string {
	if value == "" {
		return ""
	}
	return strconv.QuoteToASCII(value)
}

// sends says whether a header has this value.
func (c *testCase) sends(name, value string) bool {
	return slices.Contains(c.more, call.Header{Name: name, Value: value})
}
