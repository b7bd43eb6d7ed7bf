package operation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"real/internal/operation/caller"
)

// onlyOneRun asks the server itself: on this queue each of the workflows ran once, has completed, and there is no other. What the
// server lists lags behind a little.
func onlyOneRun(ctx context.Context, direct, queue string, ids []string) error {
	connection, err := caller.Dial(direct, nil, caller.Fixed(""))
	if err != nil {
		return err
	}
	defer connection.Close()
	service := workflowservice.NewWorkflowServiceClient(connection)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		err := oneRunEach(ctx, service, queue, ids)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func oneRunEach(ctx context.Context, service workflowservice.WorkflowServiceClient, queue string, ids []string) error {
	list, err := service.ListWorkflowExecutions(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: namespace, PageSize: 1000, Query: fmt.Sprintf("TaskQueue = %q", queue),
	})
	if err != nil {
		return err
	}
	if len(list.NextPageToken) > 0 {
		return errors.New("more workflows than were started")
	}
	runs := map[string]int{}
	for _, one := range list.Executions {
		id := one.Execution.WorkflowId
		runs[id]++
		if one.Status != enums.WORKFLOW_EXECUTION_STATUS_COMPLETED {
			return fmt.Errorf("%s is %v", id, one.Status)
		}
	}
	for _, id := range ids {
		if runs[id] != 1 {
			return fmt.Errorf("%s has %d runs", id, runs[id])
		}
	}
	if len(runs) != len(ids) {
		return fmt.Errorf("%d workflows were started, the server has %d", len(ids), len(runs))
	}
	return nil
}
