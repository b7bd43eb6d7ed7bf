package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
)

// renewing hands out tokens that live six seconds, and fetches another after two.
type renewing struct {
	world   *world
	mu      sync.Mutex
	current string
	fetched time.Time
	fetches int
}

func (r *renewing) token(ctx context.Context) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current != "" && time.Since(r.fetched) < 2*time.Second {
		return r.current, nil
	}
	token, err := r.world.token(ctx, 6*time.Second, namespace+":write")
	if err != nil {
		return "", err
	}
	r.current, r.fetched = token, time.Now()
	r.fetches++
	return token, nil
}

// tokenRenewed uses the SDK's two ways: the worker has an API key from a callback, the client a provider of headers.
func tokenRenewed(ctx context.Context, w *world) error {
	workers := &renewing{world: w}
	options := w.plaintext("")
	options.Credentials = client.NewAPIKeyDynamicCredentials(workers.token)
	seen := watch(&options)
	serving, err := client.DialContext(ctx, options)
	if err != nil {
		return err
	}
	defer serving.Close()
	queue := unique("queue")
	stop, err := serve(serving, queue, worker.Options{})
	if err != nil {
		return err
	}
	defer stop()

	clients := &renewing{world: w}
	options = w.plaintext("")
	options.HeadersProvider = bearer(clients.token)
	c, err := client.DialContext(ctx, options)
	if err != nil {
		return err
	}
	defer c.Close()
	for begun, n := time.Now(), 1; time.Since(begun) < 15*time.Second; n++ {
		if err := double(ctx, c, client.StartWorkflowOptions{ID: unique("renewed"), TaskQueue: queue}); err != nil {
			return fmt.Errorf("workflow %d, after %s: %w", n, time.Since(begun), err)
		}
		if err := pause(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
	if workers.fetches < 4 || clients.fetches < 4 {
		return fmt.Errorf("only %d and %d tokens were asked for", workers.fetches, clients.fetches)
	}
	return seen.unharmed()
}

// bearer is the SDK's HeadersProvider for a token.
type bearer func(context.Context) (string, error)

// GetHeaders implements HeadersProvider.
func (b bearer) GetHeaders(ctx context.Context) (map[string]string, error) {
	token, err := b(ctx)
	return map[string]string{"authorization": "Bearer " + token}, err
}
