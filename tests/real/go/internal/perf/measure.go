package perf

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// setting is how the targets are called.
type setting struct {
	size, connections int
	tls               bool
}

// key names a row of a table.
type key struct {
	setting
	target string
}

// figures of one measurement.
type figures struct {
	// cpu of the proxy for a call, and for a refused one; 0 when it was not measured.
	cpu, refused time.Duration
	perSecond    float64
	p50, p99     time.Duration
	resident     int64
}

// rounds measures each target in each setting, Rounds times, taking turns; the first of a round is another one each time.
func (b *bench) rounds(ctx context.Context, settings []setting, targets map[bool][]*target) (map[key][]figures, error) {
	results := map[key][]figures{}
	for _, s := range settings {
		for _, t := range targets[s.tls] {
			if err := b.warm(ctx, t, s); err != nil {
				return nil, fmt.Errorf("%s: %w", t.name, err)
			}
		}
	}
	for turn := range b.Rounds {
		fmt.Printf("round %d of %d, load %s\n", turn+1, b.Rounds, load())
		for _, s := range settings {
			row := targets[s.tls]
			for i := range row {
				t := row[(i+turn)%len(row)]
				measured, err := b.measure(ctx, t, s)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", t.name, err)
				}
				results[key{s, t.name}] = append(results[key{s, t.name}], measured)
			}
		}
	}
	return results, nil
}

// warm makes some calls, and learns how many fit into a second.
func (b *bench) warm(ctx context.Context, t *target, s setting) error {
	calls := s.connections * streams * 20
	if s.size >= 1<<20 {
		calls /= 4
	}
	warmed, err := b.allowed(ctx, t, s, calls)
	b.rates[key{s, t.name}] = warmed.perSecond
	return err
}

// allowed makes calls with the good token: each has an answer with a message, and each reaches the upstream.
func (b *bench) allowed(ctx context.Context, t *target, s setting, calls int) (round, error) {
	before := b.upstream.seen.Load()
	made, err := b.h2load(ctx, t, s, b.good, calls)
	if err != nil {
		return made, err
	}
	if made.done != calls || made.ok != calls {
		return made, fmt.Errorf("of %d calls %d had an answer and %d a message", calls, made.done, made.ok)
	}
	if reached := b.upstream.seen.Load() - before; !t.answers && reached != int64(calls) {
		return made, fmt.Errorf("of %d calls %d reached the upstream", calls, reached)
	}
	return made, nil
}

// denied makes calls with the bad token: none has a message, and none reaches the upstream.
func (b *bench) denied(ctx context.Context, t *target, s setting, calls int) error {
	before := b.upstream.seen.Load()
	made, err := b.h2load(ctx, t, s, b.bad, calls)
	if err != nil {
		return err
	}
	// How many were answered is not looked at: a refusal may come before the end of the body, and h2load counts that as an error.
	if made.ok != 0 {
		return fmt.Errorf("of %d calls with a bad token %d had a message", calls, made.ok)
	}
	time.Sleep(50 * time.Millisecond)
	if reached := b.upstream.seen.Load() - before; reached != 0 {
		return fmt.Errorf("of %d calls with a bad token %d reached the upstream", calls, reached)
	}
	return nil
}

func (b *bench) measure(ctx context.Context, t *target, s setting) (figures, error) {
	if err := b.checkStatus(ctx, t); err != nil {
		return figures{}, err
	}
	rate := b.rates[key{s, t.name}]
	calls := max(int(rate*b.Span.Seconds()), s.connections*streams)
	var made round
	cpu, resident, err := t.spent(func() (err error) {
		made, err = b.allowed(ctx, t, s, calls)
		return err
	})
	if err != nil {
		return figures{}, err
	}
	b.rates[key{s, t.name}] = made.perSecond
	measured := figures{
		cpu: cpu / time.Duration(calls), perSecond: made.perSecond, p50: made.p50, p99: made.p99, resident: resident,
	}
	if !t.verifies {
		return measured, nil
	}
	calls = max(calls/4, s.connections*streams)
	cpu, _, err = t.spent(func() error { return b.denied(ctx, t, s, calls) })
	measured.refused = cpu / time.Duration(calls)
	return measured, err
}

// spent is the CPU time of the target's processes while work runs, and what memory they hold at its end.
func (t *target) spent(work func() error) (time.Duration, int64, error) {
	if t.running == nil {
		return 0, 0, work()
	}
	before, err := usageOf(t.running.Pid())
	if err != nil {
		return 0, 0, err
	}
	if err := work(); err != nil {
		return 0, 0, err
	}
	after, err := usageOf(t.running.Pid())
	return after.cpu - before.cpu, after.resident, err
}

// median of what of gives for each round.
func median[R any, T ~int64 | ~float64](rounds []R, of func(R) T) T {
	values := make([]T, len(rounds))
	for i, measured := range rounds {
		values[i] = of(measured)
	}
	return middle(values)
}

func middle[T ~int64 | ~float64](values []T) T {
	if len(values) == 0 {
		return 0
	}
	values = slices.Clone(values)
	slices.Sort(values)
	half := len(values) / 2
	if len(values)%2 == 1 {
		return values[half]
	}
	return (values[half-1] + values[half]) / 2
}
