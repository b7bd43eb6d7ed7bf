package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
)

// In TLS 1.3 a client has finished before the server looks at its certificate. It may be writing when the server's alert and the end
// of the connection arrive, and then this is all that it tells.
const (
	tornWriting = "broken pipe"
	tornReading = "connection reset by peer"
)

func overTLS(ctx context.Context, w *world) error {
	token, err := w.writer(ctx)
	if err != nil {
		return err
	}
	options, err := w.encrypted(w.TLS, w.CA, client.NewAPIKeyStaticCredentials(token))
	if err != nil {
		return err
	}
	return w.runsDouble(ctx, options)
}

func wrongCA(ctx context.Context, w *world) error {
	token, err := w.writer(ctx)
	if err != nil {
		return err
	}
	options, err := w.encrypted(w.TLS, w.WrongCA, client.NewAPIKeyStaticCredentials(token))
	if err != nil {
		return err
	}
	return w.cannotConnect(ctx, options, "certificate signed by unknown authority")
}

func overMTLS(ctx context.Context, w *world) error {
	options, err := w.certified(w.WorkerCert, w.WorkerKey)
	if err != nil {
		return err
	}
	return w.runsDouble(ctx, options)
}

func noCertificate(ctx context.Context, w *world) error {
	options, err := w.encrypted(w.MTLS, w.CA, nil)
	if err != nil {
		return err
	}
	return w.cannotConnect(ctx, options, "certificate required")
}

func unmappedCertificate(ctx context.Context, w *world) error {
	options, err := w.certified(w.UnmappedCert, w.UnmappedKey)
	if err != nil {
		return err
	}
	unmapped := errors.Join(denied("connect", connects(ctx, options)), w.refusesAll(ctx, options))

	// A polite client keeps a certificate to itself that none of the server's CAs signed; this one shows it.
	options, err = w.certified(w.StrangerCert, w.StrangerKey)
	if err != nil {
		return err
	}
	stranger, err := tls.LoadX509KeyPair(w.StrangerCert, w.StrangerKey)
	if err != nil {
		return err
	}
	options.Credentials = nil
	options.ConnectionOptions.TLS.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		return &stranger, nil
	}
	return errors.Join(unmapped, w.cannotConnect(ctx, options, "unknown certificate authority"))
}

func (w *world) runsDouble(ctx context.Context, options client.Options) error {
	return withWorker(ctx, options, func(c client.Client, queue string) error {
		return double(ctx, c, client.StartWorkflowOptions{ID: unique("encrypted"), TaskQueue: queue})
	})
}

// cannotConnect wants the same from an eager and a lazy client: an error, soon, that is no answer of the server and tells why.
func (w *world) cannotConnect(ctx context.Context, options client.Options, why string) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	dialed := unreachable("connect", connects(ctx, options), why)

	lazy, err := client.NewLazyClient(options)
	if err != nil {
		return err
	}
	defer lazy.Close()
	id := unique("unreachable")
	_, err = lazy.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: unique("queue")}, Double, 1)
	return errors.Join(dialed, unreachable("start", err, why), w.absent(context.WithoutCancel(ctx), id))
}

func unreachable(what string, err error, why string) error {
	if err == nil {
		return fmt.Errorf("%s: it worked", what)
	}
	var refusal *serviceerror.PermissionDenied
	if errors.As(err, &refusal) || !slices.ContainsFunc([]string{why, tornWriting, tornReading}, func(text string) bool {
		return strings.Contains(err.Error(), text)
	}) {
		return fmt.Errorf("%s: wanted %q, not %T: %v", what, why, err, err)
	}
	return nil
}
