package perf

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"text/tabwriter"
	"time"
)

// manyTokens are in turn: one caller each, all of the same role.
const manyTokens = 10_000

// byTokens calls with one token, and with many in turn. h2load has one set of headers for all of its calls, so the client is a
// gRPC client in this process: it is slower, and what the proxy spends on a call is what counts.
func byTokens(ctx context.Context, b *bench) error {
	started, err := b.targets(ctx, false)
	if err != nil {
		return err
	}
	defer stopAll(started)
	fmt.Printf("signing %d tokens\n", manyTokens)
	many := b.sign(manyTokens)
	one, turns, first := map[*target][]time.Duration{}, map[*target][]time.Duration{}, map[*target]time.Duration{}
	calls := map[*target]int{}
	for _, t := range started {
		if !t.verifies {
			continue
		}
		// The first use also tells how many calls fit into a measurement.
		begin := time.Now()
		if first[t], err = b.rotate(ctx, t, many, manyTokens); err != nil {
			return err
		}
		calls[t] = max(manyTokens, int(manyTokens/time.Since(begin).Seconds()*b.Span.Seconds()))
	}
	for turn := range b.Rounds {
		fmt.Printf("round %d of %d, load %s\n", turn+1, b.Rounds, load())
		for i := range started {
			t := started[(i+turn)%len(started)]
			if !t.verifies {
				continue
			}
			for _, kind := range []struct {
				tokens []string
				into   map[*target][]time.Duration
			}{{[]string{b.good}, one}, {many, turns}} {
				spent, err := b.rotate(ctx, t, kind.tokens, calls[t])
				if err != nil {
					return err
				}
				kind.into[t] = append(kind.into[t], spent)
			}
		}
	}
	fmt.Fprintf(b.out, "\n2 KB, 4 connections x %d streams, plaintext; CPU for a call; medians of %d rounds of %v\n", streams, b.Rounds, b.Span)
	table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "\t1 token\t%d tokens\ttheir first use\t\n", manyTokens)
	for _, t := range started {
		if t.verifies {
			fmt.Fprintf(table, "%-*s\t%s\t%s\t%s\t\n", len(nameVerify), t.name, micros(middle(one[t])), micros(middle(turns[t])), micros(first[t]))
		}
	}
	return table.Flush()
}

// rotate gives what the target spends on one of these calls.
func (b *bench) rotate(ctx context.Context, t *target, tokens []string, calls int) (time.Duration, error) {
	spent, _, err := t.spent(func() error { return b.rotating(ctx, t, tokens, calls) })
	if err != nil {
		return 0, fmt.Errorf("%s: %w", t.name, err)
	}
	return spent / time.Duration(calls), nil
}

// sign makes tokens of different subjects.
func (b *bench) sign(count int) []string {
	tokens := make([]string, count)
	var group sync.WaitGroup
	workers := runtime.NumCPU()
	for worker := range workers {
		group.Go(func() {
			for i := worker; i < count; i += workers {
				tokens[i] = b.issuer.Token("worker-"+strconv.Itoa(i), 24*time.Hour, Permission)
			}
		})
	}
	group.Wait()
	return tokens
}
