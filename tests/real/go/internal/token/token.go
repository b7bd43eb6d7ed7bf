// Package token is the issuer of a run: one key, its JWKS file, and tokens on demand.
package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v4"
)

const kid = "real"

// Issuer signs tokens.
type Issuer struct {
	method jwt.SigningMethod
	key    crypto.Signer
	// JWKS and PEM are files with the public key.
	JWKS, PEM string
}

// NewIssuer makes an RSA key and writes dir/jwks.json and dir/public.pem. The tokens are RS256.
func NewIssuer(dir string) (*Issuer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	return newIssuer(dir, jwt.SigningMethodRS256, key, map[string]string{
		"kty": "RSA", "n": base64url(key.N.Bytes()), "e": base64url(big.NewInt(int64(key.E)).Bytes()),
	})
}

// NewES256Issuer makes a P-256 key and writes the same files. The tokens are ES256.
func NewES256Issuer(dir string) (*Issuer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	// The point as SEC 1 has it: a byte 4, then both coordinates at full length (RFC 7518, section 6.2.1.2).
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	return newIssuer(dir, jwt.SigningMethodES256, key, map[string]string{
		"kty": "EC", "crv": "P-256", "x": base64url(point[1:33]), "y": base64url(point[33:]),
	})
}

func newIssuer(dir string, method jwt.SigningMethod, key crypto.Signer, jwk map[string]string) (*Issuer, error) {
	jwk["use"], jwk["alg"], jwk["kid"] = "sig", method.Alg(), kid
	jwks, err := json.Marshal(map[string]any{"keys": []any{jwk}})
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	i := &Issuer{method: method, key: key, JWKS: filepath.Join(dir, "jwks.json"), PEM: filepath.Join(dir, "public.pem")}
	if err := os.WriteFile(i.PEM, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600); err != nil {
		return nil, err
	}
	return i, os.WriteFile(i.JWKS, jwks, 0o600)
}

func base64url(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }

// Token for this subject with these permissions ("namespace:role"), that expires after ttl, or has expired when ttl is negative.
func (i *Issuer) Token(subject string, ttl time.Duration, permissions ...string) string {
	now := time.Now()
	token := jwt.NewWithClaims(i.method, jwt.MapClaims{
		"sub": subject, "iat": now.Add(-2 * time.Hour).Unix(), "exp": now.Add(ttl).Unix(), "permissions": permissions,
	})
	token.Header["kid"] = kid
	text, err := token.SignedString(i.key)
	if err != nil {
		panic(err) // a good key signs
	}
	return text
}

// Serve answers GET /token?permission=…&ttl=…&sub=… on a free port until the listener is closed. It returns the address of that page.
func (i *Issuer) Serve() (string, net.Listener, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /token", func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		ttl, err := strconv.Atoi(query.Get("ttl"))
		if err != nil {
			http.Error(w, "ttl: "+err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, i.Token(query.Get("sub"), time.Duration(ttl)*time.Second, query["permission"]...))
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return fmt.Sprintf("http://%s/token", listener.Addr()), listener, nil
}
