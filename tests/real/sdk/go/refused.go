package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
)

func readerRefused(ctx context.Context, w *world) error {
	token, err := w.reader(ctx)
	if err != nil {
		return err
	}
	options := w.plaintext(token)
	return errors.Join(connects(ctx, options), w.refusesToStart(ctx, options), w.refusesToTouch(ctx, options))
}

func otherNamespaceRefused(ctx context.Context, w *world) error {
	token, err := w.token(ctx, time.Hour, "other:write")
	if err != nil {
		return err
	}
	options := w.plaintext(token)
	return errors.Join(connects(ctx, options), w.refusesAll(ctx, options))
}

func noTokenRefused(ctx context.Context, w *world) error {
	options := w.plaintext("")
	return errors.Join(connects(ctx, options), w.refusesAll(ctx, options))
}

func expiredTokenRefused(ctx context.Context, w *world) error {
	token, err := w.token(ctx, -time.Minute, namespace+":write")
	if err != nil {
		return err
	}
	options := w.plaintext(token)
	return errors.Join(denied("connect", connects(ctx, options)), w.refusesAll(ctx, options))
}

// connects as client.Dial does: it calls GetSystemInfo, which everybody may, but nobody with credentials that are not valid.
func connects(ctx context.Context, options client.Options) error {
	c, err := client.DialContext(ctx, options)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	c.Close()
	return nil
}

// refusesAll is for callers that may not even read.
func (w *world) refusesAll(ctx context.Context, options client.Options) error {
	return errors.Join(w.refusesToStart(ctx, options), w.refusesToTouch(ctx, options), w.refusesWorker(ctx, options))
}

// refusesToStart lets the caller start a workflow and looks behind the gateway whether it exists.
func (w *world) refusesToStart(ctx context.Context, options client.Options) error {
	c, err := client.NewLazyClient(options)
	if err != nil {
		return err
	}
	defer c.Close()
	id := unique("refused")
	_, err = c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: unique("queue")}, Double, 1)
	return errors.Join(denied("start", err), w.absent(ctx, id))
}

// refusesToTouch lets the caller signal, cancel and terminate a running workflow and looks behind the gateway whether it noticed.
func (w *world) refusesToTouch(ctx context.Context, options client.Options) error {
	behind, err := w.unguarded(ctx)
	if err != nil {
		return err
	}
	defer behind.Close()
	run, err := behind.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: unique("touched"), TaskQueue: unique("queue")}, Forever)
	if err != nil {
		return err
	}
	c, err := client.NewLazyClient(options)
	if err != nil {
		return err
	}
	defer c.Close()
	id := run.GetID()
	before, beforeErr := history(ctx, behind, id)
	refusals := errors.Join(
		denied("signal", c.SignalWorkflow(ctx, id, "", "finish", "now")),
		denied("cancel", c.CancelWorkflow(ctx, id, "")),
		denied("terminate", c.TerminateWorkflow(ctx, id, "", "because")),
	)
	after, afterErr := history(ctx, behind, id)
	if len(after) != len(before) {
		refusals = errors.Join(refusals, fmt.Errorf("the workflow noticed: %v became %v", before, after))
	}
	return errors.Join(refusals, beforeErr, afterErr, endQuietly(ctx, behind, id))
}

// refusesWorker starts a worker: the SDK asks about the namespace first, and its users get the answer from Start.
func (w *world) refusesWorker(ctx context.Context, options client.Options) error {
	c, err := client.NewLazyClient(options)
	if err != nil {
		return err
	}
	defer c.Close()
	stop, err := serve(c, unique("queue"), worker.Options{})
	if err == nil {
		stop()
	}
	return denied("worker", err)
}

// denied wants the error type that users of the SDK catch.
func denied(what string, err error) error {
	var refusal *serviceerror.PermissionDenied
	if !errors.As(err, &refusal) {
		return fmt.Errorf("%s: wanted a *serviceerror.PermissionDenied, not %T: %v", what, err, err)
	}
	if refusal.Message != "Request unauthorized." {
		return fmt.Errorf("%s: the message is %q", what, refusal.Message)
	}
	return nil
}

// absent asks the server itself.
func (w *world) absent(ctx context.Context, id string) error {
	behind, err := w.unguarded(ctx)
	if err != nil {
		return err
	}
	defer behind.Close()
	var none *serviceerror.NotFound
	if _, err := behind.DescribeWorkflowExecution(ctx, id, ""); !errors.As(err, &none) {
		return fmt.Errorf("the workflow exists, or nobody knows: %v", err)
	}
	return nil
}

// endQuietly removes a workflow that was only there to be left alone, if it still runs.
func endQuietly(ctx context.Context, behind client.Client, id string) error {
	described, err := behind.DescribeWorkflowExecution(ctx, id, "")
	if err != nil || described.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return err
	}
	return behind.TerminateWorkflow(ctx, id, "", "no longer needed")
}
