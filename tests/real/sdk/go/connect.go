package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
)

// unguarded is the server itself; it is only asked what happened.
func (w *world) unguarded(ctx context.Context) (client.Client, error) {
	return client.DialContext(ctx, client.Options{HostPort: w.Direct, Namespace: namespace, Logger: stderrLogger()})
}

// plaintext is the gateway without TLS. The SDK turns TLS on for whoever has an API key, so it must be told not to.
func (w *world) plaintext(token string) client.Options {
	options := client.Options{
		HostPort:          w.Plain,
		Namespace:         namespace,
		Logger:            stderrLogger(),
		ConnectionOptions: client.ConnectionOptions{TLSDisabled: true},
	}
	if token != "" {
		options.Credentials = client.NewAPIKeyStaticCredentials(token)
	}
	return options
}

// encrypted is a gateway with TLS, whose certificate one CA vouches for.
func (w *world) encrypted(address, ca string, credentials client.Credentials) (client.Options, error) {
	pem, err := os.ReadFile(ca)
	if err != nil {
		return client.Options{}, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return client.Options{}, fmt.Errorf("%s holds no certificate", ca)
	}
	return client.Options{
		HostPort:          address,
		Namespace:         namespace,
		Logger:            stderrLogger(),
		Credentials:       credentials,
		ConnectionOptions: client.ConnectionOptions{TLS: &tls.Config{RootCAs: roots, ServerName: w.ServerName}},
	}, nil
}

// certified is the gateway that asks for a client certificate.
func (w *world) certified(cert, key string) (client.Options, error) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return client.Options{}, err
	}
	return w.encrypted(w.MTLS, w.CA, client.NewMTLSCredentials(pair))
}

// withWorker connects, serves a task queue of its own over that connection, and stops both afterwards.
func withWorker(ctx context.Context, options client.Options, do func(c client.Client, queue string) error) (err error) {
	c, err := client.DialContext(ctx, options)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer c.Close()
	queue := unique("queue")
	stop, err := serve(c, queue, worker.Options{})
	if err != nil {
		return err
	}
	defer stop()
	return do(c, queue)
}

// serve starts a worker with all that workflows.go has.
func serve(c client.Client, queue string, options worker.Options) (stop func(), err error) {
	serving := worker.New(c, queue, options)
	serving.RegisterWorkflow(Everything)
	serving.RegisterWorkflow(Double)
	serving.RegisterWorkflow(Forever)
	serving.RegisterActivity(Greet)
	if err := serving.Start(); err != nil {
		return nil, errors.Join(errors.New("worker does not start"), err)
	}
	return serving.Stop, nil
}

func stderrLogger() sdklog.Logger {
	return sdklog.NewStructuredLogger(slog.New(slog.NewTextHandler(os.Stderr, nil)))
}
