package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// caller is somebody who runs the command: where to, and with which credentials.
type caller struct {
	world *world
	flags []string
}

// unguarded goes to the server itself; it is only asked what happened.
func (w *world) unguarded() caller { return caller{w, []string{"--address", w.Direct}} }

// plaintext is the gateway without TLS. The command turns TLS on for whoever has an API key, so it must be told not to.
func (w *world) plaintext(token string) caller {
	flags := []string{"--address", w.Plain}
	if token != "" {
		flags = append(flags, "--api-key", token, "--tls=false")
	}
	return caller{w, flags}
}

// encrypted is a gateway with TLS, whose certificate one CA vouches for.
func (w *world) encrypted(address, ca string, credentials ...string) caller {
	flags := []string{"--address", address, "--tls-ca-path", ca, "--tls-server-name", w.ServerName}
	return caller{w, append(flags, credentials...)}
}

// certified is the gateway that asks for a client certificate.
func (w *world) certified(cert, key string) caller {
	return w.encrypted(w.MTLS, w.CA, "--tls-cert-path", cert, "--tls-key-path", key)
}

// failure is what the command wrote to stderr when it ended with another status than 0.
type failure struct{ text string }

func (f failure) Error() string { return f.text }

// run runs the command and gives its stdout.
func (c caller) run(ctx context.Context, words ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	words = append(words, "--namespace", namespace, "--output", "json", "--command-timeout", "15s")
	command := exec.CommandContext(ctx, c.world.command, append(words, c.flags...)...)
	command.Env = []string{"HOME=" + c.world.home}
	var out, complaint bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaint
	err := command.Run()
	var exited *exec.ExitError
	if errors.As(err, &exited) && ctx.Err() == nil {
		return "", failure{strings.TrimSpace(complaint.String())}
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(words[:2], " "), errors.Join(err, ctx.Err()), complaint.String())
	}
	return out.String(), nil
}

// read runs the command and reads its stdout as JSON.
func (c caller) read(ctx context.Context, into any, words ...string) error {
	out, err := c.run(ctx, words...)
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(words[:2], " "), err)
	}
	if err := json.Unmarshal([]byte(out), into); err != nil {
		return fmt.Errorf("%s: %w in %.200q", strings.Join(words[:2], " "), err, out)
	}
	return nil
}

// do runs the command for its effect.
func (c caller) do(ctx context.Context, words ...string) error {
	if _, err := c.run(ctx, words...); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(words[:2], " "), err)
	}
	return nil
}
