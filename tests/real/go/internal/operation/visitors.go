package operation

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"

	"real/internal/operation/caller"
)

// visitors call a gateway over TLS.
type visitors struct {
	address string
	trust   *tls.Config
	token   caller.Token
}

// visit makes a new connection and one call, and returns the serial number of the certificate that it was shown.
func (v *visitors) visit(ctx context.Context) (string, error) {
	connection, err := caller.Dial(v.address, v.trust, v.token)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	var server peer.Peer
	s := service{workflowservice.NewWorkflowServiceClient(connection), connection}
	if err := s.describe(ctx, grpc.Peer(&server)); err != nil {
		return "", fmt.Errorf("a call over a new connection: %w", err)
	}
	shown, _ := server.AuthInfo.(credentials.TLSInfo)
	if len(shown.State.PeerCertificates) == 0 {
		return "", errors.New("no certificate was shown")
	}
	return shown.State.PeerCertificates[0].SerialNumber.String(), nil
}

// comeAndGo makes one visit after the other until the returned function is called.
func (v *visitors) comeAndGo(ctx context.Context) func() (number int, err error) {
	var number int
	var failed error
	return inBackground(func() {
		number++
		_, err := v.visit(ctx)
		failed = errors.Join(failed, err)
		time.Sleep(20 * time.Millisecond)
	}, func() (int, error) { return number, failed })
}

// stay opens one connection with a long poll and calls beside it. The returned function gives the poll its work and tells what failed,
// if only that there was a second connection.
func (v *visitors) stay(ctx context.Context, direct string) (func() error, error) {
	var dials atomic.Int64
	connection, err := caller.Dial(v.address, v.trust, v.token, grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
		dials.Add(1)
		return (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}))
	if err != nil {
		return nil, err
	}
	c, err := newCalls(v.address, direct, v.token)
	if err != nil {
		return nil, errors.Join(err, connection.Close())
	}
	s := service{workflowservice.NewWorkflowServiceClient(connection), connection}
	poll := make(chan error, 1)
	go func() { poll <- s.poll(ctx, c.queue("stays")) }()
	var failed error
	over := inBackground(func() {
		failed = errors.Join(failed, s.describe(ctx))
		time.Sleep(10 * time.Millisecond)
	}, func() (int, error) { return 0, failed })
	return func() error {
		defer connection.Close()
		defer c.close()
		if len(poll) > 0 {
			return fmt.Errorf("the poll of the lasting connection ended early: %w", <-poll)
		}
		started := c.direct.startWorkflow(ctx, c.queue("stays"))
		polled := <-poll
		_, called := over()
		if n := dials.Load(); n != 1 {
			called = errors.Join(called, fmt.Errorf("the lasting connection was made %d times", n))
		}
		return errors.Join(started, polled, called)
	}, nil
}

// inBackground repeats until the returned function is called, which gives the result.
func inBackground(again func(), result func() (int, error)) func() (int, error) {
	var over atomic.Bool
	var running sync.WaitGroup
	running.Go(func() {
		for !over.Load() {
			again()
		}
	})
	return func() (int, error) {
		over.Store(true)
		running.Wait()
		return result()
	}
}
