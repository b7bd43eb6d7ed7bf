// Package world is what every part finds: a real server, gateways before it, certificates, and tokens.
package world

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"real/internal/gateway"
	"real/internal/pki"
	"real/internal/temporal"
	"real/internal/token"
)

// SDKs are the programs that work through the gateway; each has a namespace of its own.
var SDKs = []string{"python", "typescript", "go", "java", "rust", "cli"}

// World is up until Down.
type World struct {
	Binary   string
	Dir      string
	Issuer   *token.Issuer
	Temporal *temporal.Server
	CA       *pki.CA
	Page     Page
	down     []func()
}

// Page is world.json.
type Page struct {
	Direct       string   `json:"direct"`
	Plain        string   `json:"plain"`
	TLS          string   `json:"tls"`
	MTLS         string   `json:"mtls"`
	ServerName   string   `json:"server_name"`
	CA           string   `json:"ca"`
	WrongCA      string   `json:"wrong_ca"`
	WorkerCert   string   `json:"worker_cert"`
	WorkerKey    string   `json:"worker_key"`
	UnmappedCert string   `json:"unmapped_cert"`
	UnmappedKey  string   `json:"unmapped_key"`
	StrangerCert string   `json:"stranger_cert"`
	StrangerKey  string   `json:"stranger_key"`
	Tokens       string   `json:"tokens"`
	Namespaces   []string `json:"namespaces"`
}

// Up starts the world; files go to dir, which is made.
func Up(ctx context.Context, binary, dir string) (*World, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	w := &World{Binary: binary, Dir: dir}
	if err := w.up(ctx); err != nil {
		w.Down()
		return nil, err
	}
	return w, nil
}

func (w *World) up(ctx context.Context) error {
	if err := errors.Join(w.issuer(), w.certificates()); err != nil {
		return err
	}
	if err := w.servers(ctx); err != nil {
		return err
	}
	text, err := json.MarshalIndent(w.Page, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(w.File(), text, 0o600)
}

// File is world.json.
func (w *World) File() string { return filepath.Join(w.Dir, "world.json") }

// Down ends all, the last started first.
func (w *World) Down() {
	for i := len(w.down) - 1; i >= 0; i-- {
		w.down[i]()
	}
	w.down = nil
}

func (w *World) issuer() error {
	issuer, err := token.NewIssuer(w.Dir)
	if err != nil {
		return err
	}
	page, listener, err := issuer.Serve()
	if err != nil {
		return err
	}
	w.Issuer, w.Page.Tokens = issuer, page
	w.down = append(w.down, func() { listener.Close() })
	return nil
}

func (w *World) certificates() error {
	ca, err := pki.NewCA(w.Dir, "ca")
	if err != nil {
		return err
	}
	wrong, err := pki.NewCA(w.Dir, "wrong-ca")
	if err != nil {
		return err
	}
	w.CA = ca
	_, serverErr := ca.Server("server")
	worker, workerErr := ca.Client("worker")
	unmapped, unmappedErr := ca.Client("unmapped")
	stranger, strangerErr := wrong.Client("stranger")
	p := &w.Page
	p.ServerName, p.CA, p.WrongCA = "localhost", ca.File, wrong.File
	p.WorkerCert, p.WorkerKey = worker.Cert, worker.Key
	p.UnmappedCert, p.UnmappedKey = unmapped.Cert, unmapped.Key
	p.StrangerCert, p.StrangerKey = stranger.Cert, stranger.Key
	return errors.Join(serverErr, workerErr, unmappedErr, strangerErr)
}

func (w *World) servers(ctx context.Context) error {
	for _, sdk := range SDKs {
		w.Page.Namespaces = append(w.Page.Namespaces, "sdk-"+sdk)
	}
	w.Page.Namespaces = append(w.Page.Namespaces, "other")
	server, err := temporal.Start(ctx, w.Page.Namespaces)
	if err != nil {
		return err
	}
	w.Temporal, w.Page.Direct = server, server.Address
	w.down = append(w.down, server.Close)
	for _, one := range []struct {
		name, config string
		address      *string
	}{
		{"plain", w.TokenConfig(""), &w.Page.Plain},
		{"tls", w.TokenConfig(w.serverTLS(false)), &w.Page.TLS},
		{"mtls", w.certificateConfig(), &w.Page.MTLS},
	} {
		running, err := w.Gateway(ctx, gateway.Options{Name: one.name, Config: one.config})
		if err != nil {
			return fmt.Errorf("gateway %s: %w", one.name, err)
		}
		*one.address = running.Address
		w.down = append(w.down, func() { _ = running.Stop(5 * time.Second) })
	}
	return nil
}

// Gateway starts one in front of the real server, on a free port unless told otherwise. The caller stops it.
func (w *World) Gateway(ctx context.Context, o gateway.Options) (*gateway.Gateway, error) {
	o.Binary, o.Dir = w.Binary, w.Dir
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Upstream == "" {
		o.Upstream = "http://" + w.Page.Direct
	}
	return gateway.Start(ctx, o)
}
