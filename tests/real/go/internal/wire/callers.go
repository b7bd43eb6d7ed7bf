package wire

import (
	"strings"
	"time"

	"real/internal/wire/call"
	"real/internal/wire/token"
)

// cast makes the callers of a pair.
type cast struct {
	pair *pair
	ring *token.Ring
	now  time.Time
}

// claims of a subject with these permissions.
func (c cast) claims(subject string, permissions ...string) token.Claims {
	granted := make([]any, len(permissions))
	for i, permission := range permissions {
		granted[i] = permission
	}
	return token.Claims{
		"sub": subject, "iat": c.now.Add(-2 * time.Hour).Unix(), "exp": c.now.Add(time.Hour).Unix(), "aud": "temporal",
		c.pair.claimName(): granted,
	}
}

// grant is the claims of somebody with one role.
func (c cast) grant(namespace, role string) token.Claims {
	return c.claims("somebody", c.pair.permission(namespace, role))
}

func (c cast) with(name string, claims token.Claims) *caller {
	return c.pair.bearer(name, "Bearer "+c.ring.RSA.Sign(claims))
}

const system = "temporal-system"

// core are the callers that are sent with most requests: each way to be refused, and each role.
func (c cast) core() []*caller {
	good := c.grant("default", "write")
	callers := []*caller{
		{name: "nobody"},
		c.pair.bearer("an empty header", ""),
		c.pair.bearer("garbage", "Bearer garbage"),
		c.with("expired", good.With("exp", c.now.Add(-time.Hour).Unix())),
		c.with("not yet valid", good.With("nbf", c.now.Add(time.Hour).Unix())),
		c.pair.bearer("an unknown key", "Bearer "+(&token.Key{Kid: "nowhere", EC: c.ring.EC.EC}).Sign(good)),
		c.pair.bearer("a wrong algorithm", "Bearer "+c.ring.RSA.HS256(good)),
		c.with("no permissions", c.claims("nobody in particular")),
	}
	for _, namespace := range []string{"default", "other", system} {
		for _, role := range []string{"worker", "read", "write", "admin"} {
			callers = append(callers, c.with(role+" in "+namespace, c.grant(namespace, role)))
		}
	}
	return callers
}

// odd are callers whose credentials are unusual, and on which both sides agree.
func (c cast) odd() []*caller {
	admin := c.grant(system, "admin")
	ec := func(name string, claims token.Claims) *caller {
		return c.pair.bearer(name, "Bearer "+c.ring.EC.Sign(claims))
	}
	header := func(name, value string) *caller { return c.pair.bearer(name, value) }
	good := c.ring.EC.Sign(admin)
	permissions := func(name string, value any) *caller { return ec(name, admin.With(c.pair.claimName(), value)) }
	many := make([]any, 300)
	for i := range many {
		many[i] = c.pair.permission("d", "read")
	}
	return []*caller{
		ec("ES256", admin), ec("issued in the future", admin.With("iat", c.now.Add(time.Hour).Unix())),
		ec("exp as text", admin.With("exp", "4102444800")), ec("exp null", admin.With("exp", nil)),
		ec("nbf null", admin.With("nbf", nil)), ec("nbf 0", admin.With("nbf", 0)), ec("iat as text", admin.With("iat", "1")),
		ec("exp with a fraction", admin.With("exp", float64(c.now.Add(time.Hour).Unix())+0.5)),
		ec("another audience", admin.With("aud", "other")), ec("audiences", admin.With("aud", []string{"x", "temporal"})),
		ec("audiences with a number", admin.With("aud", []any{1, "temporal"})), ec("aud null", admin.With("aud", nil)),
		ec("no audience", without(admin, "aud")), ec("no exp", without(admin, "exp")),
		ec("no sub", without(admin, "sub")), ec("sub a number", admin.With("sub", 7)), ec("sub empty", admin.With("sub", "")),
		ec("sub of another script", admin.With("sub", "Zoë 名前")), ec("sub with spaces", admin.With("sub", " a  b ")),
		ec("sub with a line feed", admin.With("sub", "a\nb")), ec("sub with a NUL", admin.With("sub", "a\x00b")),
		ec("sub internal", admin.With("sub", "internal")), ec("iss of any kind", admin.With("iss", []int{1})),
		permissions("permissions as text", c.pair.permission(system, "admin")), permissions("permissions null", nil),
		permissions("permissions an object", map[string]any{"a": 1}),
		permissions("numbers among permissions", []any{1, nil, c.pair.permission("default", "write"), []any{}}),
		permissions("permissions without form", []any{"default", ":", "default:", ":admin", "may", "may read in "}),
		permissions("role names in any case", []any{c.pair.permission("default", "WrItE")}),
		permissions("roles that do not exist", []any{c.pair.permission("default", "root"), c.pair.permission("default", "")}),
		permissions("several roles", []any{c.pair.permission("default", "worker"), c.pair.permission("default", "read")}),
		permissions("system of another spelling", []any{c.pair.permission("system", "admin"), c.pair.permission("Temporal-System", "admin")}),
		permissions("very many permissions", many),
		header("bearer in lower case", "bearer "+good), header("BEARER", "BEARER "+good), header("two spaces", "Bearer  "+good),
		header("a space behind", "Bearer "+good+" "), header("a space before", " Bearer "+good), header("Basic", "Basic "+good),
		header("no scheme", good), header("a scheme alone", "Bearer"), header("nothing behind the scheme", "Bearer "),
		header("a tab", "Bearer\t"+good), header("no signature", "Bearer "+strings.TrimRight(good, "-_"+letters)),
		header("four parts", "Bearer "+good+".x"), header("alg none", "Bearer "+token.Unsigned(admin)),
		header("RS384", "Bearer "+c.ring.RSA.RS384(admin)), header("another key's signature", "Bearer "+c.ring.Stranger.Sign(admin)),
		header("an empty kid", "Bearer "+c.ring.Empty.Sign(admin)),
		header("no kid", "Bearer "+c.ring.EC.SignText(`{"alg":"ES256"}`, admin.JSON())),
		header("kid a number", "Bearer "+c.ring.EC.SignText(`{"alg":"ES256","kid":1}`, admin.JSON())),
		header("alg of another key type", "Bearer "+c.ring.EC.SignText(`{"alg":"RS256","kid":"ec"}`, admin.JSON())),
		header("alg in lower case", "Bearer "+c.ring.EC.SignText(`{"alg":"es256","kid":"ec"}`, admin.JSON())),
		header("typ of another kind", "Bearer "+c.ring.EC.SignText(`{"alg":"ES256","typ":"at+jwt","kid":"ec"}`, admin.JSON())),
		header("a payload that is a list", "Bearer "+c.ring.EC.SignText(c.ring.EC.Header(), `[]`)),
		header("a payload that is no JSON", "Bearer "+c.ring.EC.SignText(c.ring.EC.Header(), `{"sub":`)),
		header("a private key in the JWKS", "Bearer "+c.ring.Private.Sign(admin)),
		header("not ASCII", "Bearer \u00e9"), c.extras("an extra header", "anything"),
		c.extras("a long extra header", strings.Repeat("x", 9_000)), c.extras("an empty extra header", ""),
		{name: "the extra header alone", headers: []call.Header{{Name: "authorization-extras", Value: "x"}}},
		{name: "the token in another header", headers: []call.Header{{Name: "x-authorization", Value: "Bearer " + good}}},
	}
}

// extras is a system admin with extra headers.
func (c cast) extras(name string, values ...string) *caller {
	who := c.with(name, c.grant(system, "admin"))
	for _, value := range values {
		who.headers = append(who.headers, call.Header{Name: c.pair.extraHeader(), Value: value})
	}
	return who
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func without(claims token.Claims, name string) token.Claims {
	copied := claims.With(name, nil)
	delete(copied, name)
	return copied
}
