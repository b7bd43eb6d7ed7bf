package operation

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"real/internal/check"
	"real/internal/gateway"
	"real/internal/operation/caller"
	"real/internal/world"
)

const (
	workflows = 200
	starting  = 24 * time.Second
	clients   = 4
	workers   = 2
)

// load is what runs while the gateway goes and comes.
type load struct {
	queue    string
	effects  *effects
	sdk      caller.SDK
	clients  []client.Client
	stop     []func()
	failed   atomic.Int64
	repeated atomic.Int64
}

// restartedUnderLoad starts workflows while the gateway is stopped and started again and again. The SDKs try again by themselves;
// those who use them must see nothing of it.
func restartedUnderLoad(ctx context.Context, w *world.World, part *check.Part) error {
	ctx, cancel := context.WithTimeout(ctx, 70*time.Second)
	defer cancel()
	options := gateway.Options{Name: "operation-load", Config: w.TokenConfig(""), Drain: "1s"}
	first, err := w.Gateway(ctx, options)
	if err != nil {
		return err
	}
	options.Listen = first.Address
	logger, closeLog, err := caller.LogTo(filepath.Join(w.Dir, "operation-load-sdk.log"))
	if err != nil {
		return errors.Join(err, first.Stop(time.Second))
	}
	defer closeLog()
	l := &load{queue: fmt.Sprintf("operation-load-%d", time.Now().UnixNano()), effects: newEffects()}
	l.sdk = caller.SDK{Address: first.Address, Namespace: namespace, Token: writer(w), Logger: logger, EachCall: l.countFailed}
	chain := &chain{w: w, options: options, current: first}
	defer chain.end()
	defer l.end()
	if err := l.begin(ctx); err != nil {
		return err
	}
	restarted := make(chan error, 1)
	go func() { restarted <- chain.restartSeveralTimes(ctx) }()
	ids, err := l.startAll(ctx)
	if err := errors.Join(err, <-restarted); err != nil {
		return err
	}
	if err := errors.Join(l.effects.onlyOnce(ids), onlyOneRun(ctx, w.Page.Direct, l.queue, ids)); err != nil {
		return err
	}
	if l.failed.Load() == 0 {
		return errors.New("no call was disturbed: nothing was proven")
	}
	part.Note("%d workflows over %d restarts; up to %.1f s without a gateway; %d calls tried again, %d starts answered by AlreadyStarted",
		len(ids), restarts, chain.longest.Seconds(), l.failed.Load(), l.repeated.Load())
	return nil
}

// begin connects the clients and starts the workers.
func (l *load) begin(ctx context.Context) error {
	for i := range clients + workers {
		c, err := l.sdk.Client(ctx)
		if err != nil {
			return fmt.Errorf("client %d: %w", i, err)
		}
		l.stop = append(l.stop, c.Close)
		if i < clients {
			l.clients = append(l.clients, c)
			continue
		}
		stop, err := l.effects.work(c, l.queue)
		if err != nil {
			return fmt.Errorf("worker: %w", err)
		}
		l.stop = append(l.stop, stop)
	}
	return nil
}

func (l *load) end() {
	for i := len(l.stop) - 1; i >= 0; i-- {
		l.stop[i]()
	}
}

// startAll starts the workflows evenly and waits for their results.
func (l *load) startAll(ctx context.Context) ([]string, error) {
	ids, results := make([]string, workflows), make([]error, workflows)
	pace := time.NewTicker(starting / workflows)
	defer pace.Stop()
	var running sync.WaitGroup
	for i := range workflows {
		ids[i] = fmt.Sprintf("%s-%d", l.queue, i)
		running.Go(func() { results[i] = l.one(ctx, l.clients[i%clients], ids[i]) })
		<-pace.C
	}
	running.Wait()
	return ids, errors.Join(results...)
}

// one starts a workflow by its fixed id. The SDK gives each start one request id for all its attempts. So a start whose answer was
// lost is not a second one; AlreadyStarted would say the same to callers who start again themselves.
func (l *load) one(ctx context.Context, c client.Client, id string) error {
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: l.queue,
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		WorkflowTaskTimeout:                      5 * time.Second,
	}, twoSteps)
	var already *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &already) {
		l.repeated.Add(1)
		run, err = c.GetWorkflow(ctx, id, ""), nil
	}
	if err != nil {
		return fmt.Errorf("start %s: %w", id, err)
	}
	var result string
	if err := run.Get(ctx, &result); err != nil {
		return fmt.Errorf("result of %s: %w", id, err)
	}
	if result != id {
		return fmt.Errorf("result of %s: %q", id, result)
	}
	return nil
}

// countFailed counts the attempts that failed because there was no gateway.
func (l *load) countFailed(ctx context.Context, method string, request, reply any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	err := invoke(ctx, method, request, reply, connection, options...)
	if status.Code(err) == codes.Unavailable {
		l.failed.Add(1)
	}
	return err
}
