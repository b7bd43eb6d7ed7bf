package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
)

// tokenExpiresInPoll: the long poll was authorized, so it may go on; what the worker does with the task is a new call, and refused.
func tokenExpiresInPoll(ctx context.Context, w *world) error {
	brief, err := w.token(ctx, 5*time.Second, namespace+":write")
	if err != nil {
		return err
	}
	options := w.plaintext(brief)
	seen := watch(&options)
	expiring, err := client.DialContext(ctx, options)
	if err != nil {
		return err
	}
	defer expiring.Close()
	queue := unique("queue")
	stop, err := serve(expiring, queue, worker.Options{Identity: "expiring"})
	if err != nil {
		return err
	}
	defer stop()
	if err := pause(ctx, 8*time.Second); err != nil {
		return err
	}
	if err := seen.unharmed(); err != nil {
		return fmt.Errorf("before there was anything to do: %w", err)
	}

	good, err := w.writer(ctx)
	if err != nil {
		return err
	}
	c, err := client.DialContext(ctx, w.plaintext(good))
	if err != nil {
		return err
	}
	defer c.Close()
	run, err := c.ExecuteWorkflow(ctx,
		client.StartWorkflowOptions{ID: unique("expires"), TaskQueue: queue, WorkflowTaskTimeout: 2 * time.Second}, Double, 5)
	if err != nil {
		return err
	}
	if err := until(ctx, "the worker sees its refusal", 10*time.Second, func() (bool, error) {
		_, warned := seen.warned("Request unauthorized.")
		counted := seen.sum("request_failure ", "status_code=PERMISSION_DENIED")
		return warned && counted > 0, nil
	}); err != nil {
		return errors.Join(err, seen.unharmed())
	}
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	described, err := c.DescribeWorkflowExecution(ctx, run.GetID(), "")
	if err != nil {
		return err
	}
	if status := described.GetWorkflowExecutionInfo().GetStatus(); status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return fmt.Errorf("with an expired token alone the workflow is %s", status)
	}
	return completesOnce(ctx, c, run, queue)
}

// completesOnce lets a second worker do what the first could not, and looks who did it.
func completesOnce(ctx context.Context, c client.Client, run client.WorkflowRun, queue string) error {
	stop, err := serve(c, queue, worker.Options{Identity: "good"})
	if err != nil {
		return err
	}
	defer stop()
	var doubled int
	if err := run.Get(ctx, &doubled); err != nil || doubled != 10 {
		return fmt.Errorf("the second worker: %d, %v", doubled, err)
	}
	completed := 0
	pages := c.GetWorkflowHistory(ctx, run.GetID(), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for pages.HasNext() {
		event, err := pages.Next()
		if err != nil {
			return err
		}
		if task := event.GetWorkflowTaskCompletedEventAttributes(); task != nil && task.GetIdentity() != "good" {
			return fmt.Errorf("a task was completed by %q", task.GetIdentity())
		}
		if event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED {
			completed++
		}
	}
	if completed != 1 {
		return fmt.Errorf("it completed %d times", completed)
	}
	return nil
}
