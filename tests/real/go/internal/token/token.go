// Package token is the issuer of a run: one key, its JWKS file, and tokens on demand.
package token

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
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

// Issuer signs tokens, RS256.
type Issuer struct {
	key *rsa.PrivateKey
	// JWKS is the file with the public key.
	JWKS string
}

// NewIssuer makes a key and writes dir/jwks.json.
func NewIssuer(dir string) (*Issuer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	text := base64.RawURLEncoding.EncodeToString
	jwks, err := json.Marshal(map[string]any{"keys": []any{map[string]string{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
		"n": text(key.N.Bytes()), "e": text(big.NewInt(int64(key.E)).Bytes()),
	}}})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "jwks.json")
	return &Issuer{key: key, JWKS: file}, os.WriteFile(file, jwks, 0o600)
}

// Token for this subject with these permissions ("namespace:role"), that expires after ttl, or has expired when ttl is negative.
func (i *Issuer) Token(subject string, ttl time.Duration, permissions ...string) string {
	now := time.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
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
