package perf

import (
	"context"
	"fmt"
	"slices"
)

// mainSize is the message of the main table, in bytes; sizes are all that are called with.
const mainSize = 2 << 10

var sizes = []int{100, mainSize, 64 << 10, 1 << 20}

type part struct {
	about string
	// extra parts are left out unless asked for.
	extra bool
	run   func(ctx context.Context, b *bench) error
}

var parts = map[string]part{
	"proxies":     {about: "4 connections of 8 streams, 2 KB, plaintext", run: proxies},
	"layers":      {about: "authorization inside a process", run: layers},
	"server":      {about: "what authorization adds to a tonic server", run: server},
	"sizes":       {about: "messages of 100 B, 2 KB, 64 KB, 1 MB", extra: true, run: bySize},
	"connections": {about: "1, 4 and 64 connections", extra: true, run: byConnections},
	"tls":         {about: "TLS towards the caller", extra: true, run: withTLS},
	"tokens":      {about: "1 and 10,000 tokens in turn", extra: true, run: byTokens},
	"scale":       {about: "open polls, and connections with certificates, on one gateway", extra: true, run: scale},
}

// order of the parts.
var order = []string{"proxies", "layers", "server", "sizes", "connections", "tls", "tokens", "scale"}

// Parts by name, with those that are left out unless asked for or without.
func Parts(extra bool) []string {
	return slices.DeleteFunc(slices.Clone(order), func(name string) bool { return parts[name].extra && !extra })
}

// CheckParts says which part does not exist, if one does not.
func CheckParts(names []string) error {
	for _, name := range names {
		if _, found := parts[name]; !found {
			return fmt.Errorf("no such part: %q; there are %v", name, order)
		}
	}
	return nil
}

func proxies(ctx context.Context, b *bench) error {
	return b.table(ctx, []setting{{size: mainSize, connections: 4}})
}

func bySize(ctx context.Context, b *bench) error {
	var settings []setting
	for _, size := range sizes {
		settings = append(settings, setting{size: size, connections: 4})
	}
	return b.table(ctx, settings)
}

func byConnections(ctx context.Context, b *bench) error {
	var settings []setting
	for _, connections := range []int{1, 4, 64} {
		settings = append(settings, setting{size: mainSize, connections: connections})
	}
	return b.table(ctx, settings)
}

func withTLS(ctx context.Context, b *bench) error {
	return b.table(ctx, []setting{{size: mainSize, connections: 4, tls: true}})
}

// table measures all targets in these settings and prints them. The proxies are new for each part, so that memory is comparable.
func (b *bench) table(ctx context.Context, settings []setting) error {
	targets := map[bool][]*target{}
	for _, s := range settings {
		if targets[s.tls] == nil {
			started, err := b.targets(ctx, s.tls)
			if err != nil {
				return err
			}
			targets[s.tls] = started
			defer stopAll(started)
		}
	}
	results, err := b.rounds(ctx, settings, targets)
	if err != nil {
		return err
	}
	for _, s := range settings {
		b.print(s, targets[s.tls], results)
	}
	return nil
}

func stopAll(targets []*target) {
	for _, t := range targets {
		t.stop()
	}
}
