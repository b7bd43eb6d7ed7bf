package perf

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// raw sends and receives messages as bytes.
type raw struct{}

func (raw) Name() string { return "proto" }

func (raw) Marshal(message any) ([]byte, error) { return message.([]byte), nil }

func (raw) Unmarshal(data []byte, message any) error {
	*message.(*[]byte) = append([]byte(nil), data...)
	return nil
}

// dial opens connections to the target for calls with messages of bytes.
func (t *target) dial(connections int) ([]*grpc.ClientConn, func(), error) {
	transport := insecure.NewCredentials()
	if t.tls {
		transport = credentials.NewTLS(&tls.Config{InsecureSkipVerify: true}) // the speed is measured, as h2load does it
	}
	var opened []*grpc.ClientConn
	end := func() {
		for _, connection := range opened {
			_ = connection.Close()
		}
	}
	for range connections {
		connection, err := t.client(transport)
		if err != nil {
			end()
			return nil, nil, err
		}
		opened = append(opened, connection)
	}
	return opened, end, nil
}

// client is one connection, which is opened by its first call.
func (t *target) client(transport credentials.TransportCredentials) (*grpc.ClientConn, error) {
	return grpc.NewClient(
		"passthrough:///"+t.address, grpc.WithTransportCredentials(transport), grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{})),
	)
}

// message is the body of a call without its frame.
func (b *bench) message(size int) ([]byte, error) {
	body, err := os.ReadFile(b.bodies[size])
	if err != nil {
		return nil, err
	}
	return body[emptyMessage:], nil
}

// call makes one call, whose answer must be an empty message with status 0.
func call(ctx context.Context, connection *grpc.ClientConn, method string, message []byte, token string) error {
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	var answer []byte
	if err := connection.Invoke(ctx, method, message, &answer); err != nil {
		return err
	}
	if len(answer) != 0 {
		return fmt.Errorf("an answer of %d bytes", len(answer))
	}
	return nil
}

// checkStatus makes a call as a gRPC client, which h2load is not: its status is 0, and that of a bad token is not where tokens count.
func (b *bench) checkStatus(ctx context.Context, t *target) error {
	connections, end, err := t.dial(1)
	if err != nil {
		return err
	}
	defer end()
	message, err := b.message(sizes[0])
	if err != nil {
		return err
	}
	if err := call(ctx, connections[0], Method, message, b.good); err != nil {
		return fmt.Errorf("with a good token: %w", err)
	}
	if !t.verifies {
		return nil
	}
	before := b.upstream.seen.Load()
	if err := call(ctx, connections[0], Method, message, b.bad); err == nil {
		return fmt.Errorf("a bad token has status 0")
	} else if _, told := status.FromError(err); !told {
		return fmt.Errorf("a bad token has no status: %w", err)
	}
	if reached := b.upstream.seen.Load() - before; reached != 0 {
		return fmt.Errorf("a call with a bad token reached the upstream")
	}
	return nil
}

// rotating makes calls on 4 connections of 8 streams, each with the next token. All have status 0, and reach the upstream.
func (b *bench) rotating(ctx context.Context, t *target, tokens []string, calls int) error {
	connections, end, err := t.dial(4)
	if err != nil {
		return err
	}
	defer end()
	message, err := b.message(mainSize)
	if err != nil {
		return err
	}
	before := b.upstream.seen.Load()
	var next atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, len(connections)*streams)
	for i := range len(connections) * streams {
		group.Go(func() {
			for {
				mine := int(next.Add(1)) - 1
				if mine >= calls {
					return
				}
				if err := call(ctx, connections[i%len(connections)], Method, message, tokens[mine%len(tokens)]); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(failures)
	if err, failed := <-failures; failed {
		return err
	}
	if reached := b.upstream.seen.Load() - before; reached != int64(calls) {
		return fmt.Errorf("of %d calls %d reached the upstream", calls, reached)
	}
	return nil
}
