package main

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

func listAndHistory(ctx context.Context, w *world) error {
	token, err := w.writer(ctx)
	if err != nil {
		return err
	}
	id := unique("listed")
	if err := withWorker(ctx, w.plaintext(token), func(c client.Client, queue string) error {
		return double(ctx, c, client.StartWorkflowOptions{ID: id, TaskQueue: queue})
	}); err != nil {
		return err
	}

	if token, err = w.reader(ctx); err != nil {
		return err
	}
	c, err := client.DialContext(ctx, w.plaintext(token))
	if err != nil {
		return err
	}
	defer c.Close()
	if err := until(ctx, "list", 20*time.Second, func() (bool, error) {
		listed, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query: fmt.Sprintf("WorkflowId = '%s' AND ExecutionStatus = 'Completed'", id),
		})
		return len(listed.GetExecutions()) == 1, err
	}); err != nil {
		return err
	}
	events, err := history(ctx, c, id)
	if err != nil {
		return err
	}
	if first, last := events[0], events[len(events)-1]; first != enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED ||
		last != enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED {
		return fmt.Errorf("its history goes from %s to %s", first, last)
	}
	described, err := c.DescribeWorkflowExecution(ctx, id, "")
	if err != nil {
		return fmt.Errorf("describe: %w", err)
	}
	if status := described.GetWorkflowExecutionInfo().GetStatus(); status != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED {
		return fmt.Errorf("describe: its status is %s", status)
	}
	return nil
}

// history is the kinds of a workflow's events, at least one.
func history(ctx context.Context, c client.Client, id string) ([]enumspb.EventType, error) {
	var events []enumspb.EventType
	pages := c.GetWorkflowHistory(ctx, id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for pages.HasNext() {
		event, err := pages.Next()
		if err != nil {
			return nil, fmt.Errorf("history: %w", err)
		}
		events = append(events, event.GetEventType())
	}
	if len(events) == 0 {
		return nil, fmt.Errorf("the history of %s is empty", id)
	}
	return events, nil
}

// double runs the workflow of one task and looks at its result.
func double(ctx context.Context, c client.Client, options client.StartWorkflowOptions) error {
	run, err := c.ExecuteWorkflow(ctx, options, Double, 5)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	var doubled int
	if err := run.Get(ctx, &doubled); err != nil {
		return fmt.Errorf("result: %w", err)
	}
	if doubled != 10 {
		return fmt.Errorf("the result is %d", doubled)
	}
	return nil
}
