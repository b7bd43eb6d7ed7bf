package operation

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// steps of a workflow, each an activity with one effect.
var steps = []string{"first", "second"}

// effects are what the activities did, by workflow id and step.
type effects struct {
	mu    sync.Mutex
	count map[string]int
}

func newEffects() *effects { return &effects{count: map[string]int{}} }

// Do is the activity.
func (e *effects) Do(ctx context.Context, step string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.count[activity.GetInfo(ctx).WorkflowExecution.ID+"/"+step]++
	return nil
}

// onlyOnce is an error when a step of one of the workflows did not happen, or more than once.
func (e *effects) onlyOnce(ids []string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range ids {
		for _, step := range steps {
			if n := e.count[id+"/"+step]; n != 1 {
				return fmt.Errorf("the effect of %s, step %s, happened %d times", id, step, n)
			}
		}
	}
	return nil
}

// twoSteps is the workflow. Its result is its own id.
func twoSteps(ctx workflow.Context) (string, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 10 * time.Second})
	for _, step := range steps {
		if err := workflow.ExecuteActivity(ctx, "Do", step).Get(ctx, nil); err != nil {
			return "", err
		}
		if err := workflow.Sleep(ctx, 100*time.Millisecond); err != nil {
			return "", err
		}
	}
	return workflow.GetInfo(ctx).WorkflowExecution.ID, nil
}

// work starts a worker for them; it returns what stops it.
func (e *effects) work(c client.Client, queue string) (func(), error) {
	w := worker.New(c, queue, worker.Options{WorkerStopTimeout: 100 * time.Millisecond})
	w.RegisterWorkflow(twoSteps)
	w.RegisterActivity(e)
	return w.Stop, w.Start()
}
