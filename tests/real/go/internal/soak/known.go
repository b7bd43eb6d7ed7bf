package soak

import (
	"context"
	"fmt"
	"strings"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"

	"real/internal/operation/caller"
)

// known is what the server itself knows about a workflow that did not end in time: its events, and when each came. It tells a workflow
// that is stuck from an answer that was lost.
func (t *traffic) known(ctx context.Context, id string) string {
	connection, err := caller.Dial(t.direct, nil, caller.Fixed(""))
	if err != nil {
		return err.Error()
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	answer, err := workflowservice.NewWorkflowServiceClient(connection).GetWorkflowExecutionHistory(ctx, &workflowservice.GetWorkflowExecutionHistoryRequest{
		Namespace: namespace, Execution: &common.WorkflowExecution{WorkflowId: id},
	})
	if err != nil {
		return err.Error()
	}
	var events []string
	all := answer.GetHistory().GetEvents()
	for _, event := range all {
		after := event.GetEventTime().AsTime().Sub(all[0].GetEventTime().AsTime())
		events = append(events, fmt.Sprintf("%.1f s %v", after.Seconds(), event.GetEventType()))
	}
	return id + ": " + strings.Join(events, ", ")
}
