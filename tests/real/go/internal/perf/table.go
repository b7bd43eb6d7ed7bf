package perf

import (
	"fmt"
	"slices"
	"text/tabwriter"
	"time"
)

func (s setting) String() string {
	way := "plaintext"
	if s.tls {
		way = "TLS"
	}
	return fmt.Sprintf("%s, %d connections x %d streams, %s", amount(s.size), s.connections, streams, way)
}

func amount(n int) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	default:
		return fmt.Sprintf("%d B", n)
	}
}

// print writes a table of one setting, and the ratios that matter.
func (b *bench) print(s setting, targets []*target, results map[key][]figures) {
	fmt.Fprintf(b.out, "\n%s; medians of %d rounds of %v\n", s, b.Rounds, b.Span)
	table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tCPU/call\trefused\tcalls/s\tp50\tp99\tmemory\t")
	bars := group{title: "CPU of the proxy for a call, in µs: " + s.String()}
	for _, t := range targets {
		rounds := results[key{s, t.name}]
		cpu, refused, resident := "-", "-", "-"
		if t.running != nil {
			used := median(rounds, func(f figures) time.Duration { return f.cpu })
			cpu = micros(used)
			resident = fmt.Sprintf("%.1f MB", float64(median(rounds, func(f figures) int64 { return f.resident }))/(1<<20))
			bars.bars = append(bars.bars, bar{t.name, float64(used) / 1e3})
		}
		if spent := median(rounds, func(f figures) time.Duration { return f.refused }); spent > 0 {
			refused = micros(spent)
		}
		fmt.Fprintf(table, "%-*s\t%s\t%s\t%.0f\t%s\t%s\t%s\t\n", len(nameVerify), t.name, cpu, refused,
			median(rounds, func(f figures) float64 { return f.perSecond }),
			micros(median(rounds, func(f figures) time.Duration { return f.p50 })),
			micros(median(rounds, func(f figures) time.Duration { return f.p99 })), resident)
	}
	_ = table.Flush()
	b.bars = append(b.bars, bars)
	ours := results[key{s, nameGateway}]
	b.ratio("G13", nameVerify, ours, results[key{s, nameVerify}])
	b.ratio("G14", namePlain, ours, results[key{s, namePlain}])
}

// ratio of the CPU for a call, round by round: what disturbs one measurement of a round disturbs its neighbour, too.
func (b *bench) ratio(goal, name string, ours, theirs []figures) {
	all := ratios(ours, theirs)
	fmt.Fprintf(b.out, "%s  %s / %s: %.2f (%.2f to %.2f)\n",
		goal, nameGateway, name, middle(all), slices.Min(all), slices.Max(all))
}

func ratios(ours, theirs []figures) []float64 {
	var all []float64
	for i := range min(len(ours), len(theirs)) {
		all = append(all, float64(ours[i].cpu)/float64(theirs[i].cpu))
	}
	return all
}

// micros prints a time in microseconds.
func micros(d time.Duration) string {
	if d >= 10*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.1f µs", float64(d)/1e3)
}
