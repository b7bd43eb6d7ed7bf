package soak

import (
	"context"
	"fmt"
	"path"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/grpc"

	"real/internal/operation/caller"
)

const (
	queue = "soak"
	// each of the starters starts ten workflows a second.
	starters = 3
	pace     = 100 * time.Millisecond
	workers  = 2
	// together is how many workflows of a starter may run at once; when the server is slower than the pace, fewer are started. With many
	// more the server's own queue of tasks would become minutes long.
	together = 10
	// patience with one workflow.
	patience = 2 * time.Minute
)

// workflows by clients and workers of the Go SDK, each with a connection and a token of its own.
func (t *traffic) workflows(ctx context.Context, running *sync.WaitGroup) error {
	for i := range workers {
		c, err := t.sdk(ctx, fmt.Sprint("worker-", i))
		if err != nil {
			return err
		}
		w := worker.New(c, queue, worker.Options{})
		w.RegisterWorkflow(greeting)
		w.RegisterActivity(greet)
		if err := w.Start(); err != nil {
			return err
		}
		running.Go(func() {
			<-ctx.Done()
			w.Stop()
			c.Close()
		})
	}
	for i := range starters {
		c, err := t.sdk(ctx, fmt.Sprint("starter-", i))
		if err != nil {
			return err
		}
		t.start(ctx, running, c)
	}
	return nil
}

func (t *traffic) start(ctx context.Context, running *sync.WaitGroup, c client.Client) {
	var runs sync.WaitGroup
	places := make(chan struct{}, together)
	again(ctx, running, pace, func() {
		select {
		case places <- struct{}{}:
		default:
			return
		}
		runs.Go(func() {
			defer func() { <-places }()
			id := fmt.Sprint("soak-", t.started.Add(1))
			if err := one(ctx, c, id); ctx.Err() == nil {
				t.tally.workflow(err, func() string { return t.known(ctx, id) })
			}
		})
	})
	running.Go(func() {
		<-ctx.Done()
		runs.Wait()
		c.Close()
	})
}

func one(ctx context.Context, c client.Client, id string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: queue}, greeting, "you")
	if err != nil {
		return err
	}
	var said string
	if err := run.Get(ctx, &said); err != nil {
		return err
	}
	if said != "hello you" {
		return fmt.Errorf("the result is %q", said)
	}
	return nil
}

func greeting(ctx workflow.Context, name string) (said string, err error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 30 * time.Second})
	err = workflow.ExecuteActivity(ctx, greet, name).Get(ctx, &said)
	return said, err
}

func greet(_ context.Context, name string) (string, error) { return "hello " + name, nil }

// sdk is a client whose every attempt is counted.
func (t *traffic) sdk(ctx context.Context, subject string) (client.Client, error) {
	count := func(call context.Context, method string, request, reply any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		begun := time.Now()
		err := invoke(call, method, request, reply, connection, options...)
		if err != nil {
			method = fmt.Sprintf("%s, after %.0f s", path.Base(method), time.Since(begun).Seconds())
		}
		t.tally.mayCall(ctx, method, err)
		return err
	}
	return caller.SDK{
		Address: t.address, Namespace: namespace, TLS: t.trust.Clone(), Token: t.renewed(subject, namespace+":write"),
		Logger: t.logger, EachCall: count,
	}.Client(ctx)
}
