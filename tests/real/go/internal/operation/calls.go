package operation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"

	"real/internal/operation/caller"
)

// outcome of a call.
type outcome struct {
	begun, ended time.Time
	err          error
}

// service is a connection with Temporal's stubs.
type service struct {
	workflowservice.WorkflowServiceClient
	connection *grpc.ClientConn
}

// calls through a gateway, over several connections, and beside it.
type calls struct {
	gateways []service
	direct   service
	run      string
}

func newCalls(address, direct string, token caller.Token) (*calls, error) {
	c := &calls{run: fmt.Sprint(time.Now().UnixNano())}
	for range 5 {
		connection, err := caller.Dial(address, nil, token)
		if err != nil {
			return nil, err
		}
		c.gateways = append(c.gateways, service{workflowservice.NewWorkflowServiceClient(connection), connection})
	}
	connection, err := caller.Dial(direct, nil, caller.Fixed(""))
	c.direct = service{workflowservice.NewWorkflowServiceClient(connection), connection}
	return c, err
}

func (c *calls) close() {
	for _, one := range append(c.gateways, c.direct) {
		one.connection.Close()
	}
}

// queue is also the id of the workflow that is started on it.
func (c *calls) queue(name string) string { return "operation-" + c.run + "-" + name }

func (c *calls) pollIdle(ctx context.Context) chan outcome {
	return c.background(idlePolls, func(s service, _ int) error { return s.poll(ctx, c.queue("idle")) })
}

func (c *calls) pollForWork(ctx context.Context) chan outcome {
	return c.background(workPolls, func(s service, i int) error { return s.poll(ctx, c.queue(fmt.Sprint("work-", i))) })
}

// giveWork to each of the polls that wait for it.
func (c *calls) giveWork(ctx context.Context) error {
	var failed error
	for i := range workPolls {
		failed = errors.Join(failed, c.direct.startWorkflow(ctx, c.queue(fmt.Sprint("work-", i))))
	}
	return failed
}

// readHistory waits for the end of the workflow "history".
func (c *calls) readHistory(ctx context.Context) chan outcome {
	return c.background(1, func(s service, _ int) error {
		_, err := s.GetWorkflowExecutionHistory(ctx, &workflowservice.GetWorkflowExecutionHistoryRequest{
			Namespace: namespace, Execution: &common.WorkflowExecution{WorkflowId: c.queue("history")},
			WaitNewEvent: true, HistoryEventFilterType: enums.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
		})
		return err
	})
}

func (c *calls) endHistory(ctx context.Context) error {
	_, err := c.direct.TerminateWorkflowExecution(ctx, &workflowservice.TerminateWorkflowExecutionRequest{
		Namespace: namespace, WorkflowExecution: &common.WorkflowExecution{WorkflowId: c.queue("history")},
	})
	return err
}

// background makes the call so many times at once, spread over the connections.
func (c *calls) background(number int, call func(s service, i int) error) chan outcome {
	outcomes := make(chan outcome, number)
	for i := range number {
		go func() {
			begun := time.Now()
			err := call(c.gateways[i%len(c.gateways)], i)
			outcomes <- outcome{begun, time.Now(), err}
		}()
	}
	return outcomes
}

// callAgainAndAgain makes short calls on all connections until the returned function is called, which gives their outcomes.
func (c *calls) callAgainAndAgain(ctx context.Context) func() []outcome {
	var all []outcome
	var mu sync.Mutex
	var running sync.WaitGroup
	var over atomic.Bool
	for _, s := range c.gateways {
		running.Go(func() {
			for !over.Load() {
				begun := time.Now()
				err := s.describe(ctx)
				mu.Lock()
				all = append(all, outcome{begun, time.Now(), err})
				mu.Unlock()
				time.Sleep(2 * time.Millisecond)
			}
		})
	}
	return func() []outcome {
		over.Store(true)
		running.Wait()
		return all
	}
}

// describe is a short call.
func (s service) describe(ctx context.Context, options ...grpc.CallOption) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err := s.DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: namespace, TaskQueue: &taskqueue.TaskQueue{Name: "operation"}, TaskQueueType: enums.TASK_QUEUE_TYPE_WORKFLOW,
	}, options...)
	return err
}

// poll waits for a workflow task, up to a minute. An empty answer is an error.
func (s service) poll(ctx context.Context, queue string) error {
	task, err := s.PollWorkflowTaskQueue(ctx, &workflowservice.PollWorkflowTaskQueueRequest{
		Namespace: namespace, TaskQueue: &taskqueue.TaskQueue{Name: queue}, Identity: "operation",
	})
	if err == nil && len(task.TaskToken) == 0 {
		return errors.New("the poll ended without a task")
	}
	return err
}

// startWorkflow that nobody runs: its first task goes to the queue of the same name.
func (s service) startWorkflow(ctx context.Context, queue string) error {
	_, err := s.StartWorkflowExecution(ctx, &workflowservice.StartWorkflowExecutionRequest{
		Namespace: namespace, WorkflowId: queue, RequestId: queue, WorkflowType: &common.WorkflowType{Name: "nobody runs it"},
		TaskQueue: &taskqueue.TaskQueue{Name: queue},
	})
	return err
}
