package wire

import (
	"net/http"

	"google.golang.org/grpc/codes"

	"real/internal/wire/call"
	"real/internal/wire/request"
)

// difference is one way in which our side answers otherwise on purpose. ARCHITECTURE.md lists the same ones.
type difference struct {
	name, reason string
	// matches says whether a case is one of it, going by the case and by the reference's answer.
	matches func(c *testCase, reference call.Answer) bool
	// Our side answers what our side should answer to another case, or this.
	as      func(c *testCase) *testCase
	instead func(c *testCase, reference call.Answer) call.Answer
}

// unauthorized is Temporal's answer to everybody who may not.
var unauthorized = call.Answer{
	Code: int(codes.PermissionDenied), Message: "Request unauthorized.",
	Details: `{"code":7,"message":"Requestunauthorized.","details":[{"@type":"type.googleapis.com/temporal.api.errordetails.v1.PermissionDeniedFailure"}]}`,
}

func refuse(*testCase, call.Answer) call.Answer { return unauthorized }

func fixed(code codes.Code, message string) func(*testCase, call.Answer) call.Answer {
	return func(*testCase, call.Answer) call.Answer { return call.Answer{Code: int(code), Message: message} }
}

// early says whether the reference refused before it asked anybody for authorization. Of a stream it has seen only the
// headers by then, so that nothing but a compression can trouble it.
func early(c *testCase, reference call.Answer) bool {
	if c.method == nil || reference.Ran || reference.Failure != "" || reference.Code == int(codes.PermissionDenied) {
		return false
	}
	return !c.method.Streaming || reference.Code == int(codes.Unimplemented)
}

// tokenAlone is the difference about calls whose namespace only the server knows.
const tokenAlone = "an empty namespace beside a task token"

// quirk is a difference about credentials: our side takes the caller for somebody else.
func quirk(name, reason string) difference {
	return difference{
		name: name, reason: reason,
		matches: func(c *testCase, _ call.Answer) bool { return c.caller.quirk == name },
		as: func(c *testCase) *testCase {
			other := *c
			other.caller = c.caller.taken
			return &other
		},
	}
}

// differences stand in the order in which our side judges: the first that matches a case decides.
var differences = []difference{
	{
		name: "not gRPC", reason: "the layer's own refusal",
		matches: func(_ *testCase, reference call.Answer) bool {
			return reference.HTTP == http.StatusUnsupportedMediaType
		},
		instead: func(*testCase, call.Answer) call.Answer {
			return call.Answer{
				HTTP: http.StatusUnsupportedMediaType, Code: int(codes.Internal), Message: "Request does not decode.",
			}
		},
	},
	{
		name: "a query behind the path", reason: "what was not judged is not sent: the path alone is judged and forwarded",
		matches: func(c *testCase, _ call.Answer) bool { return c.query() },
		as:      (*testCase).withoutQuery,
	},
	{
		name: "a path that is no /service/method", reason: "what is judged must be what is dispatched",
		matches: func(c *testCase, reference call.Answer) bool {
			return !isMethodPath(c.path) && reference.Code == int(codes.Unimplemented)
		},
		instead: refuse,
	},
	quirk(severalHeaders, "what reads the request later may take the last"),
	quirk(credentialLimit, "what an outsider sends is bounded"),
	quirk(notASCII, "a credential that cannot be read is bad, as in the token header"),
	quirk(otherMeaning, "they change what the token means"),
	quirk(oneMeaning, "one token, one meaning"),
	quirk(noTime, "nobody means it, and such numbers no longer tell seconds apart"),
	quirk(keyPurpose, "a key is used for what it is meant for"),
	quirk(keySize, "too short to trust"),
	quirk(keyTwice, "nobody can say which one is meant, so both are skipped"),
	quirk(roleNames, "what two readers read differently grants nothing"),
	{
		name: "an unknown method", reason: "nobody is told what is there",
		matches: func(c *testCase, reference call.Answer) bool {
			return c.method == nil && c.denied() && reference.Code == int(codes.Unimplemented)
		},
		instead: refuse,
	},
	{
		name: "a refused stream", reason: "Temporal's converter of errors does not run on streams",
		matches: func(c *testCase, reference call.Answer) bool {
			return c.method != nil && c.method.Streaming && reference.Code == int(codes.Unknown) &&
				reference.Message == unauthorized.Message
		},
		instead: refuse,
	},
	{
		name: "commands to other namespaces", reason: "whether they run is the upstream's setting, which a gateway cannot guess",
		matches: func(c *testCase, _ call.Answer) bool {
			return c.pair.judging != nil && c.method != nil && c.method.Name == "RespondWorkflowTaskCompleted"
		},
		as: func(c *testCase) *testCase {
			judging := *c.pair
			judging.reference, judging.judging, judging.always = judging.judging, nil, false
			judging.dynamic.CrossNamespaceCommands = true
			other := *c
			other.pair = &judging
			return &other
		},
	},
	bodyDifference("deflate", "the bytes judged are the bytes forwarded, so the upstream gets the message inflated",
		func(c *testCase) bool { return c.framing.ours == deflated }, nil).withAs(
		func(c *testCase) *testCase {
			other := *c
			other.framing = plain
			return &other
		}).where(codes.Unimplemented),
	bodyDifference("grpc-encoding other than gzip and deflate", "what cannot be read cannot be judged",
		func(c *testCase) bool { return c.framing.ours == unknownEncoding }, undecodable).where(codes.Unimplemented),
	bodyDifference("gzip with more than 1,000 members", "an empty member of 20 bytes costs time",
		func(c *testCase) bool { return c.framing.ours == members }, undecodable),
	bodyDifference("a request above 4 MiB", "the limit is the same, its text is our own",
		func(c *testCase) bool { return c.framing.ours == tooLarge },
		fixed(codes.ResourceExhausted, "Request is larger than the limit.")).where(codes.ResourceExhausted),
	bodyDifference("a request that does not decode", "the code is the same, its text is our own",
		func(c *testCase) bool {
			return c.framing.ours == unreadable || c.facts.Trouble == request.Undecodable
		}, undecodable).where(codes.Internal),
	bodyDifference("a message cut short", "what cannot be read cannot be judged, and is not the server's failure",
		func(c *testCase) bool { return c.framing.ours == shortened }, undecodable).where(codes.Unknown),
	bodyDifference("two messages in a unary call", "the message judged is the only one",
		func(c *testCase) bool { return c.framing.ours == several }, undecodable),
	bodyDifference("groups more than 100 deep", "who walks them recurses",
		func(c *testCase) bool { return c.facts.Trouble == request.TooDeep }, undecodable),
	bodyDifference("a namespace above 1,000 bytes", "those that commands name are bounded too",
		func(c *testCase) bool { return c.facts.Trouble == request.TooLong },
		fixed(codes.InvalidArgument, "Namespace length exceeds limit.")),
	bodyDifference("a namespace field with another wire type", "some decoders skip it and some refuse the message",
		func(c *testCase) bool { return c.facts.Trouble == request.WireType }, refuse),
	bodyDifference("more than 1,000 different targets in one call", "a call must not cost without bound",
		func(c *testCase) bool { return c.facts.Trouble == request.TooMany },
		fixed(codes.ResourceExhausted, "Request is larger than the limit.")),
	bodyDifference("an operation of ExecuteMultiOperation in another namespace", "one call, one namespace",
		func(c *testCase) bool { return c.facts.Trouble == request.Disagreement }, refuse),
	bodyDifference("DescribeNamespace, DeleteNamespace with a name and an id",
		"no server that picks the id is trusted with the judgement of the name",
		func(c *testCase) bool { return c.facts.Trouble == request.NamedTwice }, refuse),
	bodyDifference(tokenAlone, "only the server can read task tokens, so a system role is needed",
		func(c *testCase) bool { return c.tokenAlone() && !c.inSystem() }, refuse),
	{
		name: "a caller without any role", reason: "nothing of its request has to be held: it is denied on its headers",
		matches: func(c *testCase, reference call.Answer) bool {
			return early(c, reference) && c.caller.claims != nil && !c.caller.hasRole() && c.denied()
		},
		instead: refuse,
	},
	{
		name: "the order of refusals", reason: "credentials first: a bad token costs no body",
		matches: func(c *testCase, reference call.Answer) bool {
			return early(c, reference) && c.denied()
		},
		instead: refuse,
	},
}

var undecodable = fixed(codes.Internal, "Request does not decode.")

// bodyDifference is one that only shows in a message that our side reads.
func bodyDifference(
	name, reason string, matches func(*testCase) bool, instead func(*testCase, call.Answer) call.Answer,
) difference {
	return difference{
		name: name, reason: reason, instead: instead,
		matches: func(c *testCase, _ call.Answer) bool { return c.bodyRead() && matches(c) },
	}
}

// where is the difference in calls to which the reference answers with this code.
func (d difference) where(code codes.Code) difference {
	matches := d.matches
	d.matches = func(c *testCase, reference call.Answer) bool {
		return reference.Code == int(code) && matches(c, reference)
	}
	return d
}

func (d difference) withAs(as func(*testCase) *testCase) difference {
	d.as = as
	return d
}
