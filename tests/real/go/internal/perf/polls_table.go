package perf

import (
	"context"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"
)

// pollLevels are open at a time, one level after the other.
var pollLevels = []int{0, 1_000, 10_000}

// pollRow is what the gateway holds with so many open polls, and what calls cost beside them.
type pollRow struct {
	name               string
	polls, connections int
	resident           int64
	descriptors        int
	calls              []figures
}

// openPolls measures ordinary calls, and the gateway's memory, beside open polls, and once more when they are answered.
func (b *bench) openPolls(ctx context.Context) error {
	t, err := b.gatewayAlone(ctx, "gateway-polls", "")
	if err != nil {
		return err
	}
	defer t.stop()
	most := pollLevels[len(pollLevels)-1]
	open, err := b.newPolls(ctx, t, most)
	if err != nil {
		return err
	}
	defer open.end()
	var rows []pollRow
	for _, level := range pollLevels {
		if err := open.raise(ctx, level); err != nil {
			return err
		}
		row, err := b.besidePolls(ctx, t, strconv.Itoa(level))
		if err != nil {
			return fmt.Errorf("calls beside %d polls: %w", level, err)
		}
		row.polls, row.connections = level, connectionsFor(level)
		rows = append(rows, row)
	}
	begin := time.Now()
	if err := open.letGo(ctx); err != nil {
		return err
	}
	took := time.Since(begin)
	row, err := b.besidePolls(ctx, t, "0, after")
	if err != nil {
		return fmt.Errorf("calls after the polls: %w", err)
	}
	row.connections = connectionsFor(most) // which are still open
	b.printPolls(append(rows, row))
	fmt.Fprintf(b.out, "let go: %d of %d polls were answered with status 0 in %s\n", most, most, micros(took))
	return nil
}

func (b *bench) besidePolls(ctx context.Context, t *target, name string) (pollRow, error) {
	s := setting{size: mainSize, connections: 4}
	results, err := b.rounds(ctx, []setting{s}, map[bool][]*target{false: {t}})
	if err != nil {
		return pollRow{}, err
	}
	now, err := usageOf(t.running.Pid())
	if err != nil {
		return pollRow{}, err
	}
	files, err := descriptorsOf(t.running.Pid())
	return pollRow{name: name, resident: now.resident, descriptors: files, calls: results[key{s, t.name}]}, err
}

func (b *bench) printPolls(rows []pollRow) {
	fmt.Fprintf(b.out, "\nOpen PollWorkflowTaskQueue calls, and beside them %s; medians of %d rounds of %v\n",
		setting{size: mainSize, connections: 4}, b.Rounds, b.Span)
	table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "open polls\tconnections\tmemory\tfor a poll\tdescriptors\tCPU/call\tp50\tp99\t")
	for _, row := range rows {
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%d\t%s\t%s\t%s\t\n", row.name, row.connections, megabytes(row.resident),
			kilobytesEach(row.resident-rows[0].resident, row.polls), row.descriptors,
			micros(median(row.calls, func(f figures) time.Duration { return f.cpu })),
			micros(median(row.calls, func(f figures) time.Duration { return f.p50 })),
			micros(median(row.calls, func(f figures) time.Duration { return f.p99 })))
	}
	_ = table.Flush()
}
