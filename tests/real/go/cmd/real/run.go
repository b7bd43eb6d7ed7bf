package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"real/internal/check"
	"real/internal/issuer"
	"real/internal/operation"
	"real/internal/sdk"
	"real/internal/temporal"
	"real/internal/wire"
	"real/internal/world"
)

// part of a run. It reports its own checks.
type part struct {
	name string
	// busy parts need the processor for themselves, and run one after the other when all others have ended.
	busy bool
	run  func(ctx context.Context, w *world.World, report *check.Report)
}

// apart is the time between the starts of two parts: a program's first seconds are its busiest.
const apart = 2 * time.Second

// parts in the order in which they are begun.
func parts(o options) []part {
	program := func(name string, checks []string, command ...string) part {
		return part{name, false, func(ctx context.Context, w *world.World, report *check.Report) {
			sdk.Run(ctx, sdk.Program{Name: name, Command: command, Checks: checks}, w.File(), w.Dir, report)
		}}
	}
	built := func(path ...string) string { return filepath.Join(append([]string{o.cache}, path...)...) }
	source := func(path ...string) string { return filepath.Join(append([]string{o.source}, path...)...) }
	return []part{
		program("sdk-python", sdk.ForSDKs, built("python", "bin", "python"), source("sdk", "python", "main.py")),
		program("sdk-typescript", sdk.ForSDKs, "node", built("typescript", "lib", "main.js")),
		program("sdk-go", sdk.ForSDKs, built("bin", "sdk-go")),
		program("sdk-java", sdk.ForSDKs, "java", "-jar", built("java", "sdk-java.jar")),
		program("sdk-rust", sdk.ForSDKs, built("rust", "debug", "sdk-client")),
		program("sdk-cli", sdk.ForCLI, built("bin", "sdk-cli"), built("bin", "temporal")),
		{"issuer", false, func(ctx context.Context, w *world.World, report *check.Report) {
			issuer.Run(ctx, w, issuer.Options{Node: "node", Server: built("issuer", "server.mjs")}, report)
		}},
		{"operation", true, operation.Run},
		{"wire", true, func(ctx context.Context, w *world.World, report *check.Report) {
			part := report.Part("wire")
			dir := filepath.Join(w.Dir, "wire")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				part.Check("begins", err)
				return
			}
			wire.Run(ctx, wire.Options{
				Gateway: o.gateway, Answering: built("rust", "debug", "answering"), Architecture: source("..", "..", "ARCHITECTURE.md"),
				Dir: dir, Seed: o.seed,
				Report: func(name string, err error) { part.Check(name, err) },
				Logf:   part.Note,
			})
		}},
	}
}

func run(ctx context.Context, o options) error {
	ctx, cancel := context.WithTimeout(ctx, 8*time.Minute)
	defer cancel()
	chosen, err := choose(parts(o), o.only)
	if err != nil {
		return err
	}
	w, err := world.Up(ctx, o.gateway, o.out)
	if err != nil {
		return err
	}
	defer w.Down()
	report := check.NewReport(os.Stdout)
	report.Version("temporal server", temporal.Version)
	fmt.Println("logs:", o.out)
	var running sync.WaitGroup
	for _, part := range chosen {
		if part.busy {
			running.Wait()
			part.timed(ctx, w, report)
			continue
		}
		running.Go(func() { part.timed(ctx, w, report) })
		time.Sleep(apart)
	}
	running.Wait()
	if !report.Finish() {
		return errors.New("not all held; logs: " + o.out)
	}
	return nil
}

func (p part) timed(ctx context.Context, w *world.World, report *check.Report) {
	begun := time.Now()
	p.run(ctx, w, report)
	report.Part(p.name).Note("took %.0f s", time.Since(begun).Seconds())
}

// choose the parts with these names; all when there are none.
func choose(parts []part, only []string) ([]part, error) {
	for _, name := range only {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			return nil, fmt.Errorf("no such part: %s", name)
		}
	}
	return slices.DeleteFunc(parts, func(p part) bool { return len(only) > 0 && !slices.Contains(only, p.name) }), nil
}
