package wire

import (
	"fmt"
	"math/rand"
	"strings"

	"real/internal/wire/call"
	"real/internal/wire/request"
	"real/internal/wire/server"
	"real/internal/wire/token"
)

// randomCases is how many calls of each run nobody wrote down.
const randomCases = 12_000

// random makes cases from a seed: the same seed, the same cases, but for the keys and the time.
type random struct {
	*rand.Rand
	casts   []cast
	known   [][]*caller
	methods []*server.Method
	// telling are the methods whose messages tell most.
	telling []*server.Method
}

func newRandom(seed int64, casts []cast, methods []*server.Method) *random {
	r := &random{Rand: rand.New(rand.NewSource(seed)), casts: casts, methods: methods}
	for _, cast := range casts {
		r.known = append(r.known, append(append(cast.core(), cast.odd()...), cast.quirky()...))
	}
	for _, method := range methods {
		if method.TaskToken != nil || method.Name == "ExecuteMultiOperation" {
			r.telling = append(r.telling, method)
		}
		if method.Name == "RespondWorkflowTaskCompleted" {
			r.telling = append(r.telling, method, method, method)
		}
	}
	return r
}

func (r *random) cases(each func(*testCase)) {
	for i := range randomCases {
		at := r.Intn(len(r.casts))
		pair := r.casts[at].pair
		who := r.caller(r.casts[at])
		if r.Intn(4) == 0 {
			who = one(r, r.known[at])
		}
		name := fmt.Sprintf("random %d", i)
		if r.Intn(40) == 0 {
			each(pair.newCase(one(r, paths), nil, who, name, nil, plain))
			continue
		}
		method := one(r, r.methods)
		if r.Intn(3) == 0 {
			method = one(r, r.telling)
		}
		how := plain
		if r.Intn(8) == 0 {
			how = one(r, []framing{gzipped, gzipParts, gzipNamed, deflate, cut})
		}
		c := pair.newCase(method.Path(), method, who, name, request.Random(r.Rand, method), how)
		c.more = r.headers()
		each(c)
	}
}

func one[T any](r *random, all []T) T { return all[r.Intn(len(all))] }

// caller is somebody with any permissions.
func (r *random) caller(cast cast) *caller {
	var permissions []any
	for range r.Intn(5) {
		if r.Intn(12) == 0 {
			permissions = append(permissions, one(r, []any{1, nil, "", "x", true, []any{"default:admin"}}))
			continue
		}
		namespace := one(r, append([]string{system}, request.Names...))
		role := one(r, []string{"read", "write", "worker", "admin", "READ", "Write", "", "root", "read ", "read:write"})
		permissions = append(permissions, cast.pair.permission(namespace, role))
	}
	claims := cast.claims(one(r, []string{"alice", "", "Zoë", "a b", "temporal"})).With(cast.pair.claimName(), permissions)
	key := one(r, []*token.Key{cast.ring.EC, cast.ring.EC, cast.ring.Empty})
	scheme := one(r, []string{"Bearer", "Bearer", "bearer", "BEARER", "bEaReR"})
	return cast.pair.bearer(fmt.Sprint(permissions), scheme+" "+key.Sign(claims))
}

// headers are some that nobody should mind, and principals that nobody should believe.
func (r *random) headers() []call.Header {
	var headers []call.Header
	for range r.Intn(4) {
		name := one(r, []string{
			"temporal-principal-type", "Temporal-Principal-Name", "TEMPORAL-PRINCIPAL-NAME", "caller-name", "client-version", "x-bin",
		})
		headers = append(headers, call.Header{Name: name, Value: one(r, []string{"", "temporal", "internal", "YQ", strings.Repeat("x", 300)})})
	}
	return headers
}
