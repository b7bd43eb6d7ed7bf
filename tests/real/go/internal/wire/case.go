package wire

import (
	"context"
	"fmt"
	"strings"

	"go.temporal.io/server/common/api"
	"go.temporal.io/server/common/authorization"

	"real/internal/wire/call"
	"real/internal/wire/request"
	"real/internal/wire/server"
)

// testCase is one call, and what is known about it beforehand.
type testCase struct {
	pair   *pair
	name   string
	path   string
	method *server.Method // nil when no service has the method
	caller *caller
	// more are headers beside the credentials.
	more    []call.Header
	message []byte
	framing framing
	facts   request.Facts
}

func (p *pair) newCase(path string, method *server.Method, who *caller, name string, message []byte, framing framing) *testCase {
	c := &testCase{pair: p, name: name, path: path, method: method, caller: who, message: message, framing: framing}
	if method != nil {
		c.facts = request.Read(method, message, p.judgesCommands())
	}
	return c
}

// call is what goes over the wire, to both sides.
func (c *testCase) call() call.Call {
	headers := append(append([]call.Header{}, c.caller.headers...), c.more...)
	if c.framing.encoding != "" {
		headers = append(headers, call.Header{Name: "grpc-encoding", Value: c.framing.encoding})
	}
	return call.Call{Path: c.path, Headers: headers, Body: c.framing.body(c.message)}
}

func (c *testCase) String() string {
	text := fmt.Sprintf("%s: %s, caller %q, request %q", c.pair.name, c.path, c.caller.name, c.name)
	if c.framing.name != plain.name {
		text += ", " + c.framing.name
	}
	return text
}

// kind is the same for cases that are wrong for one reason, most probably.
func (c *testCase) kind() string {
	if strings.HasPrefix(c.name, "random") {
		return "random" + c.caller.name
	}
	return c.pair.name + c.name + c.framing.name
}

// bytes is all that is needed to make the call again.
func (c *testCase) bytes() string {
	const most = 600
	sent := c.call()
	text := ""
	for _, header := range sent.Headers {
		text += fmt.Sprintf("%s: %.900q; ", header.Name, header.Value)
	}
	if len(sent.Body) > most {
		return text + fmt.Sprintf("body %x... (%d bytes)", sent.Body[:most], len(sent.Body))
	}
	return text + fmt.Sprintf("body %x", sent.Body)
}

// open says whether everybody may call the method.
func (c *testCase) open() bool { return authorization.IsHealthCheckAPI(c.path) }

// bodyRead says whether our side looks into the message before it judges: of unary methods of namespace scope, for
// callers that have a role.
func (c *testCase) bodyRead() bool {
	return c.method != nil && !c.method.Streaming && !c.open() && c.method.Metadata.Scope == api.ScopeNamespace &&
		c.caller.hasRole()
}

// denied says whether our side refuses the caller, going by the namespace and the commands that it sees. Temporal's
// default authorizer says who may do what.
func (c *testCase) denied() bool {
	if c.caller.bad {
		return true
	}
	if !c.bodyRead() {
		return !c.may(c.path, "")
	}
	denied := !c.may(c.path, c.facts.Namespace)
	for _, target := range c.facts.Targets {
		denied = denied || !c.may(api.WorkflowServicePrefix+target.Method, target.Namespace)
	}
	return denied
}

func (c *testCase) may(path, namespace string) bool {
	target := &authorization.CallTarget{APIName: path, Namespace: namespace}
	result, err := authorization.NewDefaultAuthorizer().Authorize(context.Background(), c.caller.claims, target)
	return err == nil && result.Decision == authorization.DecisionAllow
}

// inSystem says whether the system roles of the caller suffice by themselves.
func (c *testCase) inSystem() bool {
	if c.caller.claims == nil {
		return false
	}
	only := *c
	only.caller = &caller{claims: &authorization.Claims{System: c.caller.claims.System}}
	return only.may(c.path, "")
}

// unjudged says whether nobody judges the call.
func (c *testCase) unjudged() bool {
	return c.method != nil && c.method.Streaming && c.pair.dynamic.StreamsUnjudged
}

// tokenAlone says whether the namespace of a call is known to the server alone.
func (c *testCase) tokenAlone() bool { return c.method.TaskToken != nil && c.facts.Namespace == "" }
