// Package caller connects to the gateway, as a program with Temporal's stubs alone does and as one with the Go SDK does.
package caller

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// Token is asked for at each call; an empty one is not sent.
type Token func() string

// Fixed is always the same token.
func Fixed(token string) Token {
	return func() string { return token }
}

// Dial opens a connection at the first call. Without a TLS configuration it is plaintext.
func Dial(address string, security *tls.Config, token Token, options ...grpc.DialOption) (*grpc.ClientConn, error) {
	transport := insecure.NewCredentials()
	if security != nil {
		transport = credentials.NewTLS(security)
	}
	options = append(options, grpc.WithTransportCredentials(transport), grpc.WithPerRPCCredentials(bearer{token}))
	return grpc.NewClient(address, options...)
}

// Trust is the TLS configuration of a caller that trusts this authority alone.
func Trust(file string) (*tls.Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, errors.New("no certificate in " + file)
	}
	return &tls.Config{RootCAs: roots, ServerName: "localhost", MinVersion: tls.VersionTLS12}, nil
}

type bearer struct{ token Token }

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	token := b.token()
	if token == "" {
		return nil, nil
	}
	return map[string]string{"authorization": "Bearer " + token}, nil
}

func (bearer) RequireTransportSecurity() bool { return false }
