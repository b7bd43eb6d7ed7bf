package main

import (
	"context"
	"errors"
	"fmt"
)

// noneShown: in TLS 1.3 a client has finished before the server looks at its certificate. It may be writing when the server's alert and
// the end of the connection arrive, and then the rest is all that it tells.
var noneShown = []string{"certificate required", "broken pipe", "connection reset by peer"}

func overTLS(ctx context.Context, w *world) error {
	token, err := w.writer(ctx)
	if err != nil {
		return err
	}
	return w.encrypted(w.TLS, w.CA, "--api-key", token).works(ctx)
}

func wrongCA(ctx context.Context, w *world) error {
	token, err := w.writer(ctx)
	if err != nil {
		return err
	}
	return w.failsToStart(ctx, w.encrypted(w.TLS, w.WrongCA, "--api-key", token), "certificate signed by unknown authority")
}

func overMTLS(ctx context.Context, w *world) error {
	return w.certified(w.WorkerCert, w.WorkerKey).works(ctx)
}

func noCertificate(ctx context.Context, w *world) error {
	return w.failsToStart(ctx, w.encrypted(w.MTLS, w.CA), noneShown...)
}

// unmappedCertificate: the command keeps a certificate to itself that none of the CAs signed which the gateway names.
func unmappedCertificate(ctx context.Context, w *world) error {
	return errors.Join(
		w.refuses(ctx, w.certified(w.UnmappedCert, w.UnmappedKey)),
		w.failsToStart(ctx, w.certified(w.StrangerCert, w.StrangerKey), noneShown...),
	)
}

// works starts a workflow and looks at it.
func (c caller) works(ctx context.Context) error {
	id := unique("encrypted")
	if err := c.start(ctx, id); err != nil {
		return err
	}
	if status, err := c.status(ctx, id); err != nil || status != running {
		return fmt.Errorf("describe: %s, %v", status, err)
	}
	return c.end(ctx, id)
}
