package wire

import (
	"strconv"

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
