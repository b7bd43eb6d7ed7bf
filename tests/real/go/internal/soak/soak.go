// Package soak lets mixed traffic run through one gateway for a long time, and looks whether each answer is the right one and whether
// the gateway stays as small as it was.
package soak

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"real/internal/gateway"
	"real/internal/operation/caller"
	"real/internal/world"
)

// namespace of all traffic; other namespaces are there to be refused.
const namespace = "other"

// line is the time between two lines of the table.
const line = 30 * time.Second

// Run for so many minutes. The table and the verdict go to out; the error says what is wrong.
func Run(ctx context.Context, w *world.World, minutes int, out io.Writer) error {
	pair, err := w.CA.Server("soak")
	if err != nil {
		return err
	}
	trust, err := caller.Trust(w.CA.File)
	if err != nil {
		return err
	}
	logger, closeLog, err := caller.LogTo(filepath.Join(w.Dir, "soak-sdk.log"))
	if err != nil {
		return err
	}
	defer closeLog()
	config := w.TokenConfig(fmt.Sprintf("  tls:\n    frontend:\n      server: { certFile: %s, keyFile: %s }\n", pair.Cert, pair.Key))
	g, err := w.Gateway(ctx, gateway.Options{Name: "soak", Config: config, Drain: "2s"})
	if err != nil {
		return err
	}
	defer func() { _ = g.Stop(5 * time.Second) }()
	before, err := figuresOf(g.Pid())
	if err != nil {
		return err
	}
	t := &traffic{issuer: w.Issuer, address: g.Address, direct: w.Page.Direct, trust: trust, logger: logger, tally: newTally()}
	samples, err := t.runFor(ctx, time.Duration(minutes)*time.Minute, g.Pid(), out)
	if err != nil {
		return err
	}
	after, err := left(g.Pid(), before)
	if err != nil {
		return err
	}
	return verdict(out, t.tally, samples, before, after)
}

// runFor lets the traffic run and takes a sample of the gateway each second.
func (t *traffic) runFor(ctx context.Context, lasting time.Duration, pid int, out io.Writer) ([]figures, error) {
	// Not a deadline: it would be sent along with each call.
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer func() {
		cancel()
		running.Wait()
	}()
	if err := t.begin(ctx, &running); err != nil {
		return nil, err
	}
	fmt.Fprintln(out, heading)
	var samples []figures
	begun, printed, end := time.Now(), time.Now(), time.After(lasting)
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-end:
			return samples, nil
		case <-second.C:
		}
		sample, err := figuresOf(pid)
		if err != nil {
			return nil, fmt.Errorf("the gateway has gone: %w", err)
		}
		samples = append(samples, sample)
		if time.Since(printed) >= line {
			printed = printed.Add(line)
			fmt.Fprintln(out, t.tally.line(time.Since(begun), sample))
		}
	}
}
