package caller

import (
	"context"
	"crypto/tls"
	"log/slog"
	"os"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"google.golang.org/grpc"
)

// SDK is what the clients of the Go SDK have in common.
type SDK struct {
	Address   string
	Namespace string
	TLS       *tls.Config
	Token     Token
	Logger    log.Logger
	// EachCall sees every attempt, those included that the SDK tries again.
	EachCall grpc.UnaryClientInterceptor
}

// Client is a new one, with a connection of its own and all else as the SDK does it when nothing is said.
func (s SDK) Client(ctx context.Context) (client.Client, error) {
	options := client.Options{
		HostPort:  s.Address,
		Namespace: s.Namespace,
		Logger:    s.Logger,
		ConnectionOptions: client.ConnectionOptions{
			TLS: s.TLS, TLSDisabled: s.TLS == nil,
		},
		Credentials: client.NewAPIKeyDynamicCredentials(func(context.Context) (string, error) { return s.Token(), nil }),
	}
	if s.EachCall != nil {
		options.ConnectionOptions.DialOptions = []grpc.DialOption{grpc.WithChainUnaryInterceptor(s.EachCall)}
	}
	return client.DialContext(ctx, options)
}

// LogTo is the logger of SDKs that writes to this file, and what closes it.
func LogTo(file string) (log.Logger, func(), error) {
	out, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, err
	}
	return log.NewStructuredLogger(slog.New(slog.NewTextHandler(out, nil))), func() { out.Close() }, nil
}
