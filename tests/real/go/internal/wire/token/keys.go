// Package token makes the tokens of the callers: good ones, and ones that are wrong in every way that one of the two
// sides could overlook. It writes JOSE by hand, since no library would make most of them.
package token

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
)

// Key is a key that signs, and how its JWKS names it.
type Key struct {
	Kid string
	RSA *rsa.PrivateKey
	EC  *ecdsa.PrivateKey
	// Members are added to the key in the JWKS, such as its use.
	Members map[string]any
	// Private says that the private half stands in the JWKS too.
	Private bool
	// Hidden says that the key is in no JWKS.
	Hidden bool
}

// Ring is all keys of a run.
type Ring struct {
	RSA, EC, Empty, Stranger, ForEncryption, ForSigning, OtherAlgorithm, Private, Short, LongKid, Twice1, Twice2 *Key
}

// NewRing makes the keys.
func NewRing() (*Ring, error) {
	var failed error
	ec := func(kid string) *Key {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			failed = err
		}
		return &Key{Kid: kid, EC: key}
	}
	rsaKey := func(kid string, bits int) *Key {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			failed = err
		}
		return &Key{Kid: kid, RSA: key}
	}
	with := func(key *Key, name string, value any) *Key {
		key.Members = map[string]any{name: value}
		return key
	}
	ring := &Ring{
		RSA: rsaKey("rsa", 2048), EC: ec("ec"), Empty: ec(""), Stranger: ec("ec"),
		ForEncryption:  with(ec("for-encryption"), "use", "enc"),
		ForSigning:     with(ec("for-signing"), "key_ops", []string{"sign"}),
		OtherAlgorithm: with(rsaKey("other-algorithm", 2048), "alg", "RS512"),
		LongKid:        ec(strings.Repeat("k", 1025)), Private: ec("private"), Short: rsaKey("short", 1024), Twice1: ec("twice"), Twice2: ec("twice"),
	}
	ring.Stranger.Hidden = true
	ring.Private.Private = true
	return ring, failed
}

// JWKS is the document that both sides read.
func (r *Ring) JWKS() ([]byte, error) {
	keys := []map[string]any{}
	for _, key := range []*Key{
		r.RSA, r.EC, r.Empty, r.Stranger, r.ForEncryption, r.ForSigning, r.OtherAlgorithm, r.Private, r.Short, r.LongKid, r.Twice1, r.Twice2,
	} {
		if !key.Hidden {
			keys = append(keys, key.jwk())
		}
	}
	return json.Marshal(map[string]any{"keys": keys})
}

func (k *Key) jwk() map[string]any {
	jwk := map[string]any{"kid": k.Kid}
	if k.RSA != nil {
		jwk["kty"], jwk["n"] = "RSA", encode(k.RSA.N.Bytes())
		jwk["e"] = encode(big.NewInt(int64(k.RSA.E)).Bytes())
	} else {
		// An uncompressed point: 4, x, y.
		point, _ := k.EC.PublicKey.Bytes()
		jwk["kty"], jwk["crv"], jwk["x"], jwk["y"] = "EC", "P-256", encode(point[1:33]), encode(point[33:])
		if private, err := k.EC.Bytes(); err == nil && k.Private {
			jwk["d"] = encode(private)
		}
	}
	for name, value := range k.Members {
		jwk[name] = value
	}
	return jwk
}

func encode(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }
