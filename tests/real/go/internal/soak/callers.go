package soak

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"

	"real/internal/operation/caller"
)

// callers are all the others: programs with Temporal's stubs, each with its own way to be allowed or refused.
func (t *traffic) callers(ctx context.Context, running *sync.WaitGroup) error {
	var failed error
	lasting := func(pace time.Duration, token caller.Token, do func(s workflowservice.WorkflowServiceClient)) {
		connection, err := caller.Dial(t.address, t.trust, token)
		if err != nil {
			failed = err
			return
		}
		again(ctx, running, pace, func() { do(workflowservice.NewWorkflowServiceClient(connection)) })
		context.AfterFunc(ctx, func() { connection.Close() })
	}
	allowed := func(what string, pace time.Duration, token caller.Token, call call) {
		lasting(pace, token, func(s workflowservice.WorkflowServiceClient) { t.tally.mayCall(ctx, what, call(ctx, s)) })
	}
	refused := func(what string, pace time.Duration, token caller.Token, call call) {
		lasting(pace, token, func(s workflowservice.WorkflowServiceClient) { t.tally.mayNotCall(ctx, what, call(ctx, s)) })
	}
	reader, writer := t.renewed("reader", namespace+":read"), t.renewed("writer", namespace+":write")
	allowed("reader lists", 500*time.Millisecond, reader, list)
	allowed("reader describes", 100*time.Millisecond, reader, describe)
	allowed("somebody new describes", 50*time.Millisecond, t.newcomer(), describe)
	refused("reader starts", 200*time.Millisecond, reader, start)
	refused("nobody describes", 200*time.Millisecond, caller.Fixed(""), describe)
	refused("expired describes", 200*time.Millisecond, caller.Fixed(t.issuer.Token("late", -time.Minute, namespace+":write")), describe)
	refused("writer elsewhere starts", 200*time.Millisecond, t.renewed("elsewhere", "sdk-go:write"), start)
	refused("somebody new elsewhere describes", 100*time.Millisecond, t.newcomerElsewhere(), describe)
	refused("forger describes", 200*time.Millisecond, t.forged(), describe)
	for i := range 20 {
		lasting(10*time.Millisecond, writer, func(s workflowservice.WorkflowServiceClient) { t.poll(ctx, s, i%2 == 0) })
	}
	t.comeAndGo(ctx, running, writer)
	t.outlive(ctx, running)
	return failed
}

// newcomer has another subject at each call.
func (t *traffic) newcomer(permissions ...string) caller.Token {
	if len(permissions) == 0 {
		permissions = []string{namespace + ":read"}
	}
	var number atomic.Int64
	return func() string { return t.issuer.Token(fmt.Sprint("new-", number.Add(1)), 2*time.Minute, permissions...) }
}

func (t *traffic) newcomerElsewhere() caller.Token { return t.newcomer("sdk-go:admin") }

// forged is a token whose signature belongs to another one.
func (t *traffic) forged() caller.Token {
	good, other := t.issuer.Token("forger", time.Hour, namespace+":admin"), t.issuer.Token("forgery", time.Hour, namespace+":admin")
	return caller.Fixed(good[:len(good)-100] + other[len(other)-100:])
}

// poll for work that never comes: either as long as the server holds it, or given up sooner.
func (t *traffic) poll(ctx context.Context, s workflowservice.WorkflowServiceClient, patient bool) {
	within := 90 * time.Second
	if !patient {
		within = time.Duration(2000+rand.IntN(20_000)) * time.Millisecond
	}
	call, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	_, err := s.PollActivityTaskQueue(call, &workflowservice.PollActivityTaskQueueRequest{
		Namespace: namespace, TaskQueue: &taskqueue.TaskQueue{Name: "soak-idle"}, Identity: "soak",
	})
	if patient {
		t.tally.mayCall(ctx, "patient poll", err)
	} else {
		t.tally.withdrawn(ctx, "impatient poll", err)
	}
}

// call is one, with a bound on its time.
type call func(ctx context.Context, s workflowservice.WorkflowServiceClient, options ...grpc.CallOption) error

const bound = 20 * time.Second

func list(ctx context.Context, s workflowservice.WorkflowServiceClient, options ...grpc.CallOption) error {
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	_, err := s.ListWorkflowExecutions(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: namespace, PageSize: 10}, options...)
	return err
}

func describe(ctx context.Context, s workflowservice.WorkflowServiceClient, options ...grpc.CallOption) error {
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	_, err := s.DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: namespace, TaskQueue: &taskqueue.TaskQueue{Name: queue},
	}, options...)
	return err
}

func start(ctx context.Context, s workflowservice.WorkflowServiceClient, options ...grpc.CallOption) error {
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	_, err := s.StartWorkflowExecution(ctx, &workflowservice.StartWorkflowExecutionRequest{
		Namespace: namespace, WorkflowId: "soak-refused", RequestId: "soak-refused",
		WorkflowType: &common.WorkflowType{Name: "greeting"}, TaskQueue: &taskqueue.TaskQueue{Name: queue},
	}, options...)
	return err
}
