package perf

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"real/internal/process"
)

// Names of what is measured, as the tables have them.
const (
	nameGateway = "temporal-gateway"
	namePlain   = "haproxy"
	nameVerify  = "haproxy jwt_verify"
	nameNginx   = "nginx grpc_pass"
	nameBare    = "no proxy"
)

// target is a place to call: a proxy, or the upstream itself.
type target struct {
	name, address string
	tls           bool
	// running is nil for the upstream.
	running *process.Process
	// verifies says that a bad token is refused.
	verifies bool
	// answers says that it calls no upstream.
	answers bool
}

func (t *target) stop() {
	if t.running != nil {
		_ = t.running.Stop(time.Second)
	}
}

// targets starts all proxies before the upstream, and waits until they listen.
func (b *bench) targets(ctx context.Context, tls bool) ([]*target, error) {
	starts := []struct {
		name     string
		verifies bool
		start    func(ctx context.Context, name string, tls bool) (string, *process.Process, error)
	}{
		{nameGateway, true, b.gateway},
		{namePlain, false, b.haproxyPlain},
		{nameVerify, true, b.haproxyVerify},
		{nameNginx, false, b.nginx},
		{nameBare, false, b.bare},
	}
	var targets []*target
	for _, s := range starts {
		name := strings.ReplaceAll(s.name, " ", "-")
		if tls {
			name += "-tls"
		}
		address, running, err := s.start(ctx, name, tls)
		if err != nil {
			return targets, fmt.Errorf("%s: %w", s.name, err)
		}
		t := &target{name: s.name, address: address, tls: tls, running: running, verifies: s.verifies}
		targets = append(targets, t)
		b.started = append(b.started, t)
		if err := t.listens(ctx); err != nil {
			return targets, err
		}
	}
	return targets, nil
}

func (t *target) listens(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", t.address)
		if err == nil {
			return connection.Close()
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%s does not listen: %w", t.name, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
