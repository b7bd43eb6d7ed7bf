package main

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Outcome holds a trace of everything that Everything did.
type Outcome struct {
	Activity string
	Slept    bool
	Child    int
	Signal   string
	Updates  int
}

const short = 300 * time.Millisecond

// Everything runs an activity, a timer and a child, answers the query "stage", and ends after an update "add" and a signal "finish".
func Everything(ctx workflow.Context, name string) (Outcome, error) {
	var outcome Outcome
	stage := "working"
	if err := workflow.SetQueryHandler(ctx, "stage", func() (string, error) { return stage, nil }); err != nil {
		return outcome, err
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, "add", func(_ workflow.Context, n int) (int, error) {
		outcome.Updates += n
		return outcome.Updates, nil
	}, workflow.UpdateHandlerOptions{Validator: positive}); err != nil {
		return outcome, err
	}

	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 10 * time.Second})
	if err := workflow.ExecuteActivity(ctx, Greet, name).Get(ctx, &outcome.Activity); err != nil {
		return outcome, err
	}
	before := workflow.Now(ctx)
	if err := workflow.Sleep(ctx, short); err != nil {
		return outcome, err
	}
	outcome.Slept = workflow.Now(ctx).Sub(before) >= short
	if err := workflow.ExecuteChildWorkflow(ctx, Double, 21).Get(ctx, &outcome.Child); err != nil {
		return outcome, err
	}

	stage = "waiting"
	workflow.GetSignalChannel(ctx, "finish").Receive(ctx, &outcome.Signal)
	return outcome, workflow.Await(ctx, func() bool { return outcome.Updates > 0 && workflow.AllHandlersFinished(ctx) })
}

func positive(n int) error {
	if n <= 0 {
		return errors.New("not positive")
	}
	return nil
}

// Double is a workflow of one task.
func Double(_ workflow.Context, n int) (int, error) { return 2 * n, nil }

// Forever ends only when it is cancelled.
func Forever(ctx workflow.Context) error {
	ctx.Done().Receive(ctx, nil)
	return temporal.NewCanceledError("asked to")
}

// Greet is an activity.
func Greet(_ context.Context, name string) (string, error) { return "hello " + name, nil }
