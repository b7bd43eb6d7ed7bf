package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

func readerRefused(ctx context.Context, w *world) error {
	token, err := w.reader(ctx)
	if err != nil {
		return err
	}
	return w.refuses(ctx, w.plaintext(token))
}

func otherNamespaceRefused(ctx context.Context, w *world) error {
	token, err := w.token(ctx, time.Hour, "other:write")
	if err != nil {
		return err
	}
	return w.refuses(ctx, w.plaintext(token))
}

func noTokenRefused(ctx context.Context, w *world) error { return w.refuses(ctx, w.plaintext("")) }

func expiredTokenRefused(ctx context.Context, w *world) error {
	token, err := w.token(ctx, -time.Minute, namespace+":write")
	if err != nil {
		return err
	}
	return w.refuses(ctx, w.plaintext(token))
}

// refuses lets the caller start one workflow and terminate another, and looks behind the gateway whether anything happened.
func (w *world) refuses(ctx context.Context, c caller) error {
	behind, left := w.unguarded(), unique("left-alone")
	if err := behind.start(ctx, left); err != nil {
		return err
	}
	refused := errors.Join(
		w.failsToStart(ctx, c, "Request unauthorized."),
		fails(c.do(ctx, "workflow", "terminate", "--workflow-id", left, "--reason", "because"), "Request unauthorized."),
	)
	if status, err := behind.status(ctx, left); err != nil || status != running {
		return errors.Join(refused, fmt.Errorf("the workflow to be left alone: %s, %v", status, err))
	}
	return errors.Join(refused, behind.end(ctx, left))
}

// failsToStart wants the command to say why, in one of these ways, and the server not to have the workflow.
func (w *world) failsToStart(ctx context.Context, c caller, why ...string) error {
	id := unique("refused")
	refused := fails(c.start(ctx, id), why...)
	absent, err := w.unguarded().lacks(ctx, "workflow", "--workflow-id", id)
	if err == nil && !absent {
		err = errors.New("the workflow was started")
	}
	return errors.Join(refused, err)
}

// fails wants the command to have ended by itself, with another status than 0.
func fails(err error, why ...string) error {
	var failed failure
	if !errors.As(err, &failed) {
		return fmt.Errorf("wanted %q, not %v", why, err)
	}
	if slices.ContainsFunc(why, func(text string) bool { return strings.Contains(failed.text, text) }) {
		return nil
	}
	return fmt.Errorf("wanted %q, not %q", why, failed.text)
}
