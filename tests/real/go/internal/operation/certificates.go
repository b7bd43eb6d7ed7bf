package operation

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"real/internal/check"
	"real/internal/gateway"
	"real/internal/operation/caller"
	"real/internal/pki"
	"real/internal/world"
)

const (
	// refresh is the interval in the configuration; renewed is a bound on the time until new connections have the new certificate.
	refresh = time.Second
	renewed = 5 * time.Second
)

// certificatesReplaced replaces the listener's certificate twice: at once, as certificate managers do, and with a long moment between
// key and certificate, in which they do not fit. Callers come and go meanwhile, and one stays.
func certificatesReplaced(ctx context.Context, w *world.World, part *check.Part) error {
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	dir := filepath.Join(w.Dir, "operation-certificates")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ca, err := pki.NewCA(dir, "ca")
	if err != nil {
		return err
	}
	first, err := ca.Server("server")
	if err != nil {
		return err
	}
	trust, err := caller.Trust(ca.File)
	if err != nil {
		return err
	}
	config := w.TokenConfig(fmt.Sprintf("  tls:\n    refreshInterval: %s\n    frontend:\n      server: { certFile: %s, keyFile: %s }\n",
		refresh, first.Cert, first.Key))
	g, err := w.Gateway(ctx, gateway.Options{Name: "operation-certificates", Config: config, Drain: "1s"})
	if err != nil {
		return err
	}
	defer stop(g)
	v := &visitors{address: g.Address, trust: trust, token: writer(w)}
	stays, err := v.stay(ctx, w.Page.Direct)
	if err != nil {
		return err
	}
	come := v.comeAndGo(ctx)
	swaps := errors.Join(v.replaceAtOnce(ctx, ca, first), v.replaceWithAPause(ctx, ca, first))
	number, failed := come()
	if err := errors.Join(swaps, failed, stays()); err != nil {
		return err
	}
	part.Note("certificates replaced twice: %d new connections and a lasting one, no call failed", number)
	return nil
}

// replaceAtOnce writes a new key and certificate, one right after the other.
func (v *visitors) replaceAtOnce(ctx context.Context, ca *pki.CA, files pki.Pair) error {
	if _, err := ca.Server("server"); err != nil {
		return err
	}
	return v.seeNew(ctx, files)
}

// replaceWithAPause puts the new key in place, lets the gateway look several times, and only then the certificate.
func (v *visitors) replaceWithAPause(ctx context.Context, ca *pki.CA, files pki.Pair) error {
	old, err := serialIn(files.Cert)
	if err != nil {
		return err
	}
	next, err := ca.Server("next")
	if err != nil {
		return err
	}
	if err := os.Rename(next.Key, files.Key); err != nil {
		return err
	}
	time.Sleep(2*refresh + refresh/2)
	between, err := v.visit(ctx)
	if err != nil {
		return fmt.Errorf("between key and certificate: %w", err)
	}
	if between != old {
		return errors.New("between key and certificate another certificate is shown")
	}
	if err := os.Rename(next.Cert, files.Cert); err != nil {
		return err
	}
	return v.seeNew(ctx, files)
}

// seeNew holds when new connections are soon shown the certificate that is on disk.
func (v *visitors) seeNew(ctx context.Context, files pki.Pair) error {
	expected, err := serialIn(files.Cert)
	if err != nil {
		return err
	}
	for end := time.Now().Add(renewed); ; time.Sleep(50 * time.Millisecond) {
		seen, err := v.visit(ctx)
		if err != nil {
			return err
		}
		if seen == expected {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%v after it was replaced, new connections are shown the old certificate", renewed)
		}
	}
}

func serialIn(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return "", errors.New("no PEM in " + file)
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", err
	}
	return leaf.SerialNumber.String(), nil
}
