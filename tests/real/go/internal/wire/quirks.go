package wire

import (
	"fmt"
	"strings"

	"real/internal/wire/call"
	"real/internal/wire/token"
)

// Names of the differences that credentials are about.
const (
	severalHeaders  = "several authorization headers"
	roleNames       = "role names"
	noTime          = "exp of 0, or of 2^53 and above"
	otherMeaning    = "crit, enc, zip, a token within a token"
	oneMeaning      = "repeated JSON members, base64 that is not canonical"
	keyPurpose      = "use, key_ops, alg of a key"
	keySize         = "RSA below 2,048 or above 8,192 bits"
	keyTwice        = "a kid twice in one document"
	notASCII        = "an extra header that is not visible ASCII"
	credentialLimit = "limits on a credential"
)

// quirky are callers on whom the two sides disagree on purpose. The reference takes each for a system admin.
func (c cast) quirky() []*caller {
	admin, ec := c.grant(system, "admin"), c.ring.EC
	payload := admin.JSON()
	header := func(quirk, name, members string) *caller {
		return c.pair.refused(quirk, name, "Bearer "+ec.SignText(ec.Header(members), payload))
	}
	claims := func(quirk, name string, value any) *caller {
		return c.pair.refused(quirk, fmt.Sprintf("%s %v", name, value), "Bearer "+ec.Sign(admin.With(name, value)))
	}
	signed := func(quirk, name string, key *token.Key) *caller {
		return c.pair.refused(quirk, name, "Bearer "+key.Sign(admin))
	}
	callers := []*caller{
		c.roleInAnotherScript(),
		claims(noTime, "exp", 0), claims(noTime, "exp", int64(1)<<53), claims(noTime, "exp", 1e18),
		header(otherMeaning, "crit", `,"crit":["exp"]`), header(otherMeaning, "crit empty", `,"crit":[]`),
		header(otherMeaning, "enc", `,"enc":"A128GCM"`), header(otherMeaning, "zip", `,"zip":"DEF"`),
		header(otherMeaning, "cty", `,"cty":"JWT"`),
		header(oneMeaning, "alg twice", `,"alg":"ES256"`), header(oneMeaning, "kid twice", `,"kid":"ec"`),
		c.pair.refused(oneMeaning, "sub twice", "Bearer "+ec.SignText(ec.Header(), `{"sub":"x",`+payload[1:])),
		c.pair.refused(oneMeaning, "a member of another kind twice", "Bearer "+ec.SignText(ec.Header(), `{"a":{"b":1,"b":2},`+payload[1:])),
		c.pair.refused(oneMeaning, "a payload with other last bits", "Bearer "+notCanonical(ec, payload)),
		c.pair.refused(oneMeaning, "a signature with other last bits", "Bearer "+token.NotCanonical(ec.Sign(admin))),
		signed(keyPurpose, "a key for encryption", c.ring.ForEncryption), signed(keyPurpose, "a key that only signs", c.ring.ForSigning),
		signed(keyPurpose, "a key of another algorithm", c.ring.OtherAlgorithm), signed(keySize, "RSA of 1,024 bits", c.ring.Short),
		signed(keyTwice, "the second of two keys", c.ring.Twice2),
		c.pair.refused(credentialLimit, "a token above 16 KiB", "Bearer "+ec.Sign(admin.With("x", strings.Repeat("x", 13_000)))),
		signed(credentialLimit, "a kid of 1,025 bytes", c.ring.LongKid),
	}
	callers = append(callers,
		c.pair.refused(oneMeaning, "a payload with more behind it", "Bearer "+ec.SignText(ec.Header(), payload+"{}")),
	)
	for _, more := range []string{"", "Bearer garbage"} {
		for first := range 2 {
			callers = append(callers, c.twoHeaders(more, first))
		}
	}
	extras := c.extras("two extra headers", "x", "x")
	extras.quirk, extras.taken = severalHeaders, c.pair.bearer("garbage", "Bearer garbage")
	foreign := c.extras("an extra header, not ASCII", "\u00e9")
	foreign.quirk, foreign.taken = notASCII, extras.taken
	callers = append(callers, foreign)
	return append(callers, c.twoHeaders("Bearer "+ec.Sign(admin), 0), extras)
}

// roleInAnotherScript has a role name with a dotted capital I, which Unicode folds to an i.
func (c cast) roleInAnotherScript() *caller {
	folded := c.pair.bearer("a role in another script", "Bearer "+c.ring.EC.Sign(c.grant(system, "ADM\u0130N")))
	folded.quirk, folded.taken = roleNames, c.with("no permissions", c.claims("somebody"))
	return folded
}

// twoHeaders shows a good token and another header; first is the place of the other.
func (c cast) twoHeaders(other string, first int) *caller {
	good := "Bearer " + c.ring.EC.Sign(c.grant(system, "admin"))
	values := []string{good, other}
	if first == 0 {
		values = []string{other, good}
	}
	caller := c.pair.refused(severalHeaders, fmt.Sprintf("two headers, %.9q at %d", other, first), values[0])
	caller.headers = nil
	for _, value := range values {
		caller.headers = append(caller.headers, call.Header{Name: c.pair.tokenHeader(), Value: value})
	}
	return caller
}

// notCanonical spells the payload's last character in another way.
func notCanonical(key *token.Key, payload string) string {
	for len(payload)%3 == 0 {
		payload = " " + payload
	}
	return key.SignOdd(key.Header(), payload)
}
