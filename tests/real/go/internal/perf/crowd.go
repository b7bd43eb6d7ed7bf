package perf

import (
	"context"
	"crypto/tls"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// callers are connections to a target, of which each has made a call.
type callers struct {
	bench       *bench
	connections []*grpc.ClientConn
	message     []byte
}

// connect opens a connection with each certificate, and makes its first call.
func (b *bench) connect(ctx context.Context, t *target, identities []tls.Certificate) (*callers, error) {
	message, err := b.message(mainSize)
	if err != nil {
		return nil, err
	}
	c := &callers{bench: b, message: message}
	for _, identity := range identities {
		connection, err := t.client(credentials.NewTLS(&tls.Config{
			Certificates: []tls.Certificate{identity}, InsecureSkipVerify: true, // as without a certificate
		}))
		if err != nil {
			c.end()
			return nil, err
		}
		c.connections = append(c.connections, connection)
	}
	if _, err := c.call(ctx); err != nil {
		c.end()
		return nil, fmt.Errorf("as a connection is opened: %w", err)
	}
	return c, nil
}

// call makes one call on each connection and gives their times in microseconds. All have status 0, and reach the upstream.
func (c *callers) call(ctx context.Context) ([]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	before := c.bench.upstream.seen.Load()
	times := make([]int64, len(c.connections))
	err := together(len(times), func(i int) error {
		begin := time.Now()
		if err := call(ctx, c.connections[i], Method, c.message, c.bench.good); err != nil {
			return fmt.Errorf("connection %d of %d: %w", i+1, len(times), err)
		}
		times[i] = time.Since(begin).Microseconds()
		return nil
	})
	if err != nil {
		return nil, err
	}
	if reached := c.bench.upstream.seen.Load() - before; reached != int64(len(times)) {
		return nil, fmt.Errorf("of %d calls %d reached the upstream", len(times), reached)
	}
	return times, nil
}

func (c *callers) end() {
	for _, connection := range c.connections {
		_ = connection.Close()
	}
}

// together does the work for 0 to count-1, atOnce of it at a time, and gives an error if there was one.
func together(count int, work func(i int) error) error {
	var next atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, atOnce)
	for range atOnce {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				if err := work(i); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(failures)
	return <-failures
}
