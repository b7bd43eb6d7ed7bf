package perf

import (
	"context"
	"fmt"

	"real/internal/gateway"
	"real/internal/process"
)

// gatewayAlone starts a gateway and no other proxy: in plaintext, or with this beside the certificate of its TLS.
func (b *bench) gatewayAlone(ctx context.Context, name, more string) (*target, error) {
	address, running, err := b.gatewayWith(ctx, name, more != "", more)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	t := &target{name: nameGateway, address: address, tls: more != "", running: running, verifies: true}
	b.started = append(b.started, t)
	return t, t.listens(ctx)
}

func (b *bench) gateway(ctx context.Context, name string, tls bool) (string, *process.Process, error) {
	return b.gatewayWith(ctx, name, tls, "")
}

// gatewayWith has more of the server's TLS than its certificate.
func (b *bench) gatewayWith(ctx context.Context, name string, tls bool, more string) (string, *process.Process, error) {
	config := fmt.Sprintf(`global:
  authorization:
    jwtKeyProvider: { keySourceURIs: ["file://%s"], refreshInterval: 1m }
    authorizer: default
    claimMapper: default
`, b.issuer.JWKS)
	if tls {
		config += fmt.Sprintf("  tls: { frontend: { server: { certFile: %s, keyFile: %s%s } } }\n",
			b.certificate.Cert, b.certificate.Key, more)
	}
	running, err := gateway.Start(ctx, gateway.Options{
		Binary: b.Gateway, Dir: b.dir, Name: name, Config: config, Listen: "127.0.0.1:0", Upstream: "http://" + b.upstream.plain,
	})
	if err != nil {
		return "", nil, err
	}
	return running.Address, running.Process, nil
}
