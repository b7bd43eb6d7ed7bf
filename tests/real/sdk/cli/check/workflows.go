package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

const running = "WORKFLOW_EXECUTION_STATUS_RUNNING"

// start starts a workflow that nobody works on.
func (c caller) start(ctx context.Context, id string) error {
	return c.do(ctx, "workflow", "start", "--workflow-id", id, "--type", "Nothing", "--task-queue", unique("queue"))
}

func (c caller) status(ctx context.Context, id string) (string, error) {
	var described struct{ WorkflowExecutionInfo struct{ Status string } }
	err := c.read(ctx, &described, "workflow", "describe", "--workflow-id", id)
	return described.WorkflowExecutionInfo.Status, err
}

// history is the kinds of a workflow's events.
func (c caller) history(ctx context.Context, id string) (events []string, err error) {
	var shown struct{ Events []struct{ EventType string } }
	err = c.read(ctx, &shown, "workflow", "show", "--workflow-id", id)
	for _, event := range shown.Events {
		events = append(events, event.EventType)
	}
	return events, err
}

// kind is how an event is called in JSON: WorkflowExecutionStarted is EVENT_TYPE_WORKFLOW_EXECUTION_STARTED.
func kind(event string) string {
	return "EVENT_TYPE" + strings.ToUpper(regexp.MustCompile(`[A-Z]`).ReplaceAllString(event, "_$0"))
}

// listed waits for the list to have so many workflows of that id: it is eventually consistent.
func (c caller) listed(ctx context.Context, id string, count int) error {
	return until(ctx, "list", 20*time.Second, func() (bool, error) {
		var found []struct{ Execution struct{ WorkflowId string } }
		err := c.read(ctx, &found, "workflow", "list", "--query", fmt.Sprintf("WorkflowId = '%s'", id))
		return len(found) == count, err
	})
}

// lacks tells whether to describe such a thing fails because there is none.
func (c caller) lacks(ctx context.Context, what string, id ...string) (bool, error) {
	_, err := c.run(ctx, append([]string{what, "describe"}, id...)...)
	var failed failure
	if errors.As(err, &failed) && strings.Contains(failed.text, "not found") {
		return true, nil
	}
	return false, err
}

// end removes a workflow that is no longer needed.
func (c caller) end(ctx context.Context, id string) error {
	return c.do(ctx, "workflow", "terminate", "--workflow-id", id, "--reason", "no longer needed")
}
