package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

func wholeWorkflow(ctx context.Context, w *world) error {
	token, err := w.writer(ctx)
	if err != nil {
		return err
	}
	return withWorker(ctx, w.plaintext(token), func(c client.Client, queue string) error {
		run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: unique("everything"), TaskQueue: queue}, Everything, "gateway")
		if err != nil {
			return err
		}
		if err := until(ctx, "query stage", 20*time.Second, func() (bool, error) {
			var stage string
			answer, err := c.QueryWorkflow(ctx, run.GetID(), "", "stage")
			if err != nil {
				return false, err
			}
			err = answer.Get(&stage)
			return stage == "waiting", err
		}); err != nil {
			return err
		}
		return updateSignalAndGet(ctx, c, run)
	})
}

func updateSignalAndGet(ctx context.Context, c client.Client, run client.WorkflowRun) error {
	update := func(n int) (total int, err error) {
		handle, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: run.GetID(), UpdateName: "add", Args: []any{n}, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err != nil {
			return 0, err
		}
		err = handle.Get(ctx, &total)
		return total, err
	}
	if _, err := update(-1); err == nil {
		return errors.New("the update's validator was not asked")
	}
	if total, err := update(3); err != nil || total != 3 {
		return fmt.Errorf("update: %d, %v", total, err)
	}
	if err := c.SignalWorkflow(ctx, run.GetID(), "", "finish", "enough"); err != nil {
		return fmt.Errorf("signal: %w", err)
	}
	var outcome Outcome
	if err := run.Get(ctx, &outcome); err != nil {
		return fmt.Errorf("result: %w", err)
	}
	want := Outcome{Activity: "hello gateway", Slept: true, Child: 42, Signal: "enough", Updates: 3}
	if outcome != want {
		return fmt.Errorf("the workflow returned %+v instead of %+v", outcome, want)
	}
	return nil
}

// cancelled uses the header provider, the SDK's older way for tokens.
func cancelled(ctx context.Context, w *world) error {
	token, err := w.writer(ctx)
	if err != nil {
		return err
	}
	options := w.plaintext("")
	options.HeadersProvider = bearer(func(context.Context) (string, error) { return token, nil })
	return withWorker(ctx, options, func(c client.Client, queue string) error {
		run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: unique("cancel"), TaskQueue: queue}, Forever)
		if err != nil {
			return err
		}
		if err := c.CancelWorkflow(ctx, run.GetID(), ""); err != nil {
			return err
		}
		var canceled *temporal.CanceledError
		if err := run.Get(ctx, nil); !errors.As(err, &canceled) {
			return fmt.Errorf("it ended with %T: %w", err, err)
		}
		described, err := c.DescribeWorkflowExecution(ctx, run.GetID(), "")
		if err != nil {
			return err
		}
		if status := described.GetWorkflowExecutionInfo().GetStatus(); status != enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED {
			return fmt.Errorf("its status is %s", status)
		}
		return nil
	})
}

func scheduled(ctx context.Context, w *world) error {
	token, err := w.writer(ctx)
	if err != nil {
		return err
	}
	return withWorker(ctx, w.plaintext(token), func(c client.Client, queue string) error {
		handle, err := c.ScheduleClient().Create(ctx, client.ScheduleOptions{
			ID:   unique("schedule"),
			Spec: client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: 24 * time.Hour}}},
			Action: &client.ScheduleWorkflowAction{
				ID: unique("scheduled"), Workflow: Double, Args: []any{4}, TaskQueue: queue,
			},
		})
		if err != nil {
			return fmt.Errorf("create: %w", err)
		}
		if err := handle.Trigger(ctx, client.ScheduleTriggerOptions{}); err != nil {
			return fmt.Errorf("trigger: %w", err)
		}
		var started *client.ScheduleWorkflowExecution
		if err := until(ctx, "describe until it ran", 20*time.Second, func() (bool, error) {
			described, err := handle.Describe(ctx)
			if err != nil || len(described.Info.RecentActions) == 0 {
				return false, err
			}
			started = described.Info.RecentActions[0].StartWorkflowResult
			return started != nil, nil
		}); err != nil {
			return err
		}
		var doubled int
		if err := c.GetWorkflow(ctx, started.WorkflowID, started.FirstExecutionRunID).Get(ctx, &doubled); err != nil || doubled != 8 {
			return fmt.Errorf("the scheduled workflow: %d, %v", doubled, err)
		}
		if err := handle.Delete(ctx); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
		return until(ctx, "gone after delete", 10*time.Second, func() (bool, error) {
			_, err := handle.Describe(ctx)
			var absent *serviceerror.NotFound
			if errors.As(err, &absent) {
				return true, nil
			}
			return false, err
		})
	})
}
