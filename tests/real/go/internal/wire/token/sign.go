package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/json"
	"strings"
)

// Claims are the members of a payload.
type Claims map[string]any

// With gives a copy with one member more, or another value for one.
func (c Claims) With(name string, value any) Claims {
	copied := Claims{name: value}
	for other, value := range c {
		if other != name {
			copied[other] = value
		}
	}
	return copied
}

// JSON is the payload as text.
func (c Claims) JSON() string {
	text, err := json.Marshal(c)
	if err != nil {
		return "{}"
	}
	return string(text)
}

// Sign gives a token of these claims with an ordinary header.
func (k *Key) Sign(claims Claims) string {
	return k.SignText(k.Header(), claims.JSON())
}

// Header is the ordinary header of this key's tokens.
func (k *Key) Header(more ...string) string {
	kid, _ := json.Marshal(k.Kid)
	return `{"alg":"` + k.alg() + `","typ":"JWT","kid":` + string(kid) + strings.Join(more, "") + `}`
}

func (k *Key) alg() string {
	if k.RSA != nil {
		return "RS256"
	}
	return "ES256"
}

// SignText signs a header and a payload as they are written.
func (k *Key) SignText(header, payload string) string {
	return k.SignParts(encode([]byte(header)), encode([]byte(payload)))
}

// SignParts signs two parts that are encoded already.
func (k *Key) SignParts(header, payload string) string {
	message := header + "." + payload
	digest := sha256.Sum256([]byte(message))
	if k.RSA != nil {
		signature, _ := rsa.SignPKCS1v15(rand.Reader, k.RSA, crypto.SHA256, digest[:])
		return message + "." + encode(signature)
	}
	signature := make([]byte, 64)
	if r, s, err := ecdsa.Sign(rand.Reader, k.EC, digest[:]); err == nil {
		r.FillBytes(signature[:32])
		s.FillBytes(signature[32:])
	}
	return message + "." + encode(signature)
}

// RS384 signs with this RSA key and an algorithm that neither side supports.
func (k *Key) RS384(claims Claims) string {
	message := encode([]byte(`{"alg":"RS384","kid":"`+k.Kid+`"}`)) + "." + encode([]byte(claims.JSON()))
	digest := sha512.Sum384([]byte(message))
	signature, _ := rsa.SignPKCS1v15(rand.Reader, k.RSA, crypto.SHA384, digest[:])
	return message + "." + encode(signature)
}

// HS256 signs with the public half as if it were a shared secret.
func (k *Key) HS256(claims Claims) string {
	message := encode([]byte(`{"alg":"HS256","kid":"`+k.Kid+`"}`)) + "." + encode([]byte(claims.JSON()))
	secret, _ := x509.MarshalPKIXPublicKey(&k.RSA.PublicKey)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(message))
	return message + "." + encode(mac.Sum(nil))
}

// Unsigned has the algorithm none.
func Unsigned(claims Claims) string {
	return encode([]byte(`{"alg":"none","kid":"ec"}`)) + "." + encode([]byte(claims.JSON())) + "."
}

// NotCanonical spells the last character of a base64 text in another way that decodes to the same bytes. The text must
// not be a whole number of four characters.
func NotCanonical(text string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, text[len(text)-1])
	return text[:len(text)-1] + alphabet[last+1:last+2]
}

// SignOdd signs a payload whose encoding is not canonical. The payload is not a whole number of three bytes.
func (k *Key) SignOdd(header, payload string) string {
	return k.SignParts(encode([]byte(header)), NotCanonical(encode([]byte(payload))))
}
