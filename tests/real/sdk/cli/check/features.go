package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// workflow does to workflows what needs no worker.
func workflow(ctx context.Context, w *world) error {
	token, err := w.writer(ctx)
	if err != nil {
		return err
	}
	c := w.plaintext(token)
	ended, id := unique("terminated"), unique("cancelled")
	if err := errors.Join(c.start(ctx, ended), c.start(ctx, id)); err != nil {
		return err
	}
	if err := errors.Join(
		c.do(ctx, "workflow", "signal", "--workflow-id", id, "--name", "finish", "--input", `"enough"`),
		c.do(ctx, "workflow", "cancel", "--workflow-id", id),
		c.do(ctx, "workflow", "terminate", "--workflow-id", ended, "--reason", "because"),
	); err != nil {
		return err
	}
	events, err := c.history(ctx, id)
	if err != nil {
		return err
	}
	for _, event := range []string{"WorkflowExecutionStarted", "WorkflowExecutionSignaled", "WorkflowExecutionCancelRequested"} {
		if !slices.Contains(events, kind(event)) {
			return fmt.Errorf("show: no %s in %v", event, events)
		}
	}
	if status, err := c.status(ctx, ended); err != nil || status != "WORKFLOW_EXECUTION_STATUS_TERMINATED" {
		return fmt.Errorf("the terminated workflow: %s, %v", status, err)
	}
	return errors.Join(c.listed(ctx, id, 1), w.unguarded().end(ctx, id))
}

func schedule(ctx context.Context, w *world) error {
	token, err := w.writer(ctx)
	if err != nil {
		return err
	}
	c, id, action := w.plaintext(token), unique("schedule"), unique("scheduled")
	if err := c.do(ctx, "schedule", "create", "--schedule-id", id, "--interval", "24h",
		"--workflow-id", action, "--type", "Nothing", "--task-queue", unique("queue")); err != nil {
		return err
	}
	if err := c.do(ctx, "schedule", "trigger", "--schedule-id", id); err != nil {
		return err
	}
	var described struct {
		Info struct {
			RecentActions []struct{ StartWorkflowResult struct{ WorkflowId string } }
		}
	}
	if err := until(ctx, "describe until it ran", 20*time.Second, func() (bool, error) {
		err := c.read(ctx, &described, "schedule", "describe", "--schedule-id", id)
		return len(described.Info.RecentActions) == 1, err
	}); err != nil {
		return err
	}
	started := described.Info.RecentActions[0].StartWorkflowResult.WorkflowId
	if !strings.HasPrefix(started, action) {
		return fmt.Errorf("it started %q", started)
	}
	if status, err := c.status(ctx, started); err != nil || status != running {
		return fmt.Errorf("the scheduled workflow: %s, %v", status, err)
	}
	if err := c.do(ctx, "schedule", "delete", "--schedule-id", id); err != nil {
		return err
	}
	return errors.Join(
		until(ctx, "gone after delete", 10*time.Second, func() (bool, error) { return c.lacks(ctx, "schedule", "--schedule-id", id) }),
		w.unguarded().end(ctx, started),
	)
}

// listAndHistory gives the token as a header, the older way.
func listAndHistory(ctx context.Context, w *world) error {
	writer, err := w.writer(ctx)
	if err != nil {
		return err
	}
	id := unique("listed")
	if err := w.plaintext(writer).start(ctx, id); err != nil {
		return err
	}
	reader, err := w.reader(ctx)
	if err != nil {
		return err
	}
	c := w.plaintext("")
	c.flags = append(c.flags, "--grpc-meta", "authorization=Bearer "+reader)
	if err := c.listed(ctx, id, 1); err != nil {
		return err
	}
	events, err := c.history(ctx, id)
	if err != nil {
		return err
	}
	if !slices.Contains(events, kind("WorkflowExecutionStarted")) {
		return fmt.Errorf("show: %v", events)
	}
	if status, err := c.status(ctx, id); err != nil || status != running {
		return fmt.Errorf("describe: %s, %v", status, err)
	}
	return w.unguarded().end(ctx, id)
}
