package issuer

import (
	"context"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// home is the namespace in which the provider's clients have roles; foreign is one in which they have none.
const home, foreign = "other", "sdk-go"

// caller calls one gateway, or the server itself.
type caller struct {
	name   string
	policy string
	client workflowservice.WorkflowServiceClient
}

func (p *part) caller(name, policy, address string) (*caller, error) {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	p.cleanups = append(p.cleanups, func() { connection.Close() })
	return &caller{name, policy, workflowservice.NewWorkflowServiceClient(connection)}, nil
}

// bad is the answer to a token that is not good.
func (c *caller) bad() codes.Code {
	if c.policy == "strict" {
		return codes.Unauthenticated
	}
	return codes.PermissionDenied
}

func outgoing(ctx context.Context, token string) (context.Context, context.CancelFunc) {
	if token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	}
	return context.WithTimeout(ctx, 10*time.Second)
}

// list needs the role read.
func (c *caller) list(ctx context.Context, token, namespace string) error {
	ctx, cancel := outgoing(ctx, token)
	defer cancel()
	_, err := c.client.ListWorkflowExecutions(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: namespace, PageSize: 1})
	return err
}

// describe needs the role read.
func (c *caller) describe(ctx context.Context, token, namespace string) error {
	ctx, cancel := outgoing(ctx, token)
	defer cancel()
	_, err := c.client.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
	return err
}

// start needs the role write. The workflow has no worker, and ends by itself.
func (c *caller) start(ctx context.Context, token, namespace, id string) error {
	ctx, cancel := outgoing(ctx, token)
	defer cancel()
	_, err := c.client.StartWorkflowExecution(ctx, &workflowservice.StartWorkflowExecutionRequest{
		Namespace: namespace, WorkflowId: id, RequestId: id,
		WorkflowType:             &commonpb.WorkflowType{Name: "issuer"},
		TaskQueue:                &taskqueuepb.TaskQueue{Name: "issuer"},
		WorkflowExecutionTimeout: durationpb.New(time.Minute),
	})
	return err
}

// exists asks for a workflow by its id.
func (c *caller) exists(ctx context.Context, namespace, id string) error {
	ctx, cancel := outgoing(ctx, "")
	defer cancel()
	_, err := c.client.DescribeWorkflowExecution(ctx, &workflowservice.DescribeWorkflowExecutionRequest{
		Namespace: namespace, Execution: &commonpb.WorkflowExecution{WorkflowId: id},
	})
	return err
}

// want is nil when the call ended with the code.
func want(what string, code codes.Code, err error) error {
	if status.Code(err) == code {
		return nil
	}
	return fmt.Errorf("%s: want %s, got %w", what, code, orOK(err))
}

func orOK(err error) error {
	if err == nil {
		return fmt.Errorf("OK")
	}
	return err
}

// eventually asks again and again until it is nil, and returns how long that took; the last error when the time is up.
func eventually(ctx context.Context, limit time.Duration, ask func() error) (time.Duration, error) {
	begun := time.Now()
	for {
		err := ask()
		if took := time.Since(begun); err == nil && took <= limit {
			return took, nil
		} else if err == nil {
			return took, fmt.Errorf("took %s, more than %s", took.Round(time.Millisecond), limit)
		} else if took > limit {
			return took, fmt.Errorf("not within %s: %w", limit, err)
		}
		select {
		case <-ctx.Done():
			return time.Since(begun), ctx.Err()
		case <-time.After(25 * time.Millisecond):
		}
	}
}
