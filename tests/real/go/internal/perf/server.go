package perf

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"real/internal/process"
)

// The server of tests/perf/layers as it is, and behind the layer.
const (
	nameBareServer = "tonic server"
	nameGuarded    = "tonic server with the layer"
)

// turns of each server in a round. What is compared differs by less than the machine wanders from second to second.
const turns = 8

// server compares the CPU of one server with and without the layer. There is no upstream: that a call had a message is how one
// knows that it has reached the service, which alone answers with one.
func server(ctx context.Context, b *bench) error {
	s := setting{size: mainSize, connections: 4}
	var targets []*target
	for _, way := range []struct {
		name string
		args []string
	}{{nameBareServer, nil}, {nameGuarded, []string{b.issuer.JWKS}}} {
		t, err := b.tonicServer(ctx, way.name, way.args)
		if err != nil {
			return fmt.Errorf("%s: %w", way.name, err)
		}
		defer t.stop()
		targets = append(targets, t)
	}
	short := *b
	short.Rounds, short.Span = b.Rounds*turns, b.Span/turns
	results, err := short.rounds(ctx, []setting{s}, map[bool][]*target{false: targets})
	if err != nil {
		return err
	}
	short.printServer(s, results)
	return nil
}

func (b *bench) tonicServer(ctx context.Context, name string, args []string) (*target, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	log := filepath.Join(b.dir, fmt.Sprintf("server-%d.log", len(args)))
	program := filepath.Join(b.Cache, "bin", "server")
	running, err := process.Start(log, nil, program, append([]string{address}, args...)...)
	if err != nil {
		return nil, err
	}
	t := &target{name: name, address: address, running: running, verifies: len(args) > 0, answers: true}
	b.started = append(b.started, t)
	return t, t.listens(ctx)
}

func (b *bench) printServer(s setting, results map[key][]figures) {
	fmt.Fprintf(b.out, "\n%s; medians of %d turns of %v\n", s, b.Rounds, b.Span)
	table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tCPU/call\tcalls/s\tp50\tp99\t")
	for _, name := range []string{nameBareServer, nameGuarded} {
		rounds := results[key{s, name}]
		fmt.Fprintf(table, "%-*s\t%s\t%.0f\t%s\t%s\t\n", len(nameGuarded), name,
			micros(median(rounds, func(f figures) time.Duration { return f.cpu })),
			median(rounds, func(f figures) float64 { return f.perSecond }),
			micros(median(rounds, func(f figures) time.Duration { return f.p50 })),
			micros(median(rounds, func(f figures) time.Duration { return f.p99 })))
	}
	_ = table.Flush()
	added := ratios(results[key{s, nameGuarded}], results[key{s, nameBareServer}])
	slices.Sort(added)
	percent := func(ratio float64) float64 { return (ratio - 1) * 100 }
	fmt.Fprintf(b.out, "G4  CPU that the layer adds to the server's: %.1f %% (in half of the turns %.1f to %.1f)\n",
		percent(middle(added)), percent(added[len(added)/4]), percent(added[len(added)*3/4]))
}
