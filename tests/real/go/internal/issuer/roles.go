package issuer

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/golang-jwt/jwt/v4"
	"google.golang.org/grpc/codes"
)

var algorithms = []string{"RS256", "ES256"}

// roles: what tokens of either algorithm allow, and which tokens are refused.
func (p *part) roles(ctx context.Context) error {
	stranger, err := p.provider(ctx, provider{name: "stranger", keys: filepath.Join(p.w.Dir, "issuer-stranger.json"), secret: p.home.secret})
	if err != nil {
		return err
	}
	defer stranger.stop()
	forger, err := newForger(p.home.url())
	if err != nil {
		return err
	}
	for _, alg := range algorithms {
		reader, readerErr := p.home.token(ctx, "reader", "temporal", alg)
		writer, writerErr := p.home.token(ctx, "writer", "temporal", alg)
		elsewhere, elsewhereErr := p.home.token(ctx, "writer", "elsewhere", alg)
		strange, strangeErr := stranger.token(ctx, "writer", "temporal", alg)
		if err := errors.Join(readerErr, writerErr, elsewhereErr, strangeErr); err != nil {
			return err
		}
		refused := []struct{ what, token string }{
			{"another audience", elsewhere},
			{"another issuer", strange},
			{"a forger's key with the right kid", forger.token(kid(writer))},
			{"no token", ""},
		}
		for _, c := range []*caller{p.quick, p.patient} {
			p.Check(fmt.Sprintf("%s: %s tokens give their roles", c.name, alg), p.allowed(ctx, c, reader, writer))
			for _, bad := range refused {
				p.Check(fmt.Sprintf("%s: refused beside %s tokens: %s", c.name, alg, bad.what), p.refused(ctx, c, bad.token))
			}
		}
	}
	return nil
}

func (p *part) allowed(ctx context.Context, c *caller, reader, writer string) error {
	id, never := rand.Text(), rand.Text()
	return errors.Join(
		want("reader lists", codes.OK, c.list(ctx, reader, home)),
		want("reader describes the namespace", codes.OK, c.describe(ctx, reader, home)),
		want("reader starts", codes.PermissionDenied, c.start(ctx, reader, home, never)),
		want("reader lists in another namespace", codes.PermissionDenied, c.list(ctx, reader, foreign)),
		want("writer describes the namespace", codes.OK, c.describe(ctx, writer, home)),
		want("writer starts", codes.OK, c.start(ctx, writer, home, id)),
		want("what the writer started", codes.OK, p.direct.exists(ctx, home, id)),
		want("writer starts in another namespace", codes.PermissionDenied, c.start(ctx, writer, foreign, never)),
		want("writer describes another namespace", codes.PermissionDenied, c.describe(ctx, writer, foreign)),
		want("what the reader did not start", codes.NotFound, p.direct.exists(ctx, home, never)),
		want("what was not started elsewhere", codes.NotFound, p.direct.exists(ctx, foreign, never)),
	)
}

// refused checks that the token allows nothing.
func (p *part) refused(ctx context.Context, c *caller, token string) error {
	never := rand.Text()
	return errors.Join(
		want("describe", c.bad(), c.describe(ctx, token, home)),
		want("start", c.bad(), c.start(ctx, token, home, never)),
		want("what was not started", codes.NotFound, p.direct.exists(ctx, home, never)),
	)
}

// forger signs in the issuer's name, with a key of its own. Only the key is wrong.
type forger struct {
	key    *ecdsa.PrivateKey
	issuer string
}

func newForger(issuer string) (*forger, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return &forger{key, issuer}, err
}

func (f *forger) token(kid string) string {
	now := time.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
		"iss": f.issuer, "aud": "temporal", "sub": "writer", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"permissions": []string{home + ":write"},
	})
	token.Header["kid"] = kid
	text, err := token.SignedString(f.key)
	if err != nil {
		panic(err) // a good key signs
	}
	return text
}

// kid of the key that has signed the token.
func kid(token string) string {
	parsed, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	if err != nil {
		return ""
	}
	name, _ := parsed.Header["kid"].(string)
	return name
}
