package perf

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"real/internal/process"
	"real/internal/token"
)

// coldTokens are as many different tokens as a pass of cold calls takes.
const coldTokens = 1000

// Names of rows, as tests/perf/layers prints them; after them come a comma and the algorithm. Go's is ours to name.
const (
	bareTonic  = "bare tonic"
	ourCached  = "temporal-interceptor, cached"
	goJudgment = "Temporal's Go interceptor"
)

var algorithms = []string{"RS256", "ES256"}

// cost of a call. Of Go's interceptor it is what the interceptor adds.
type cost struct{ nanoseconds, allocations float64 }

// layers takes turns between the program tests/perf/layers and Temporal's interceptor.
func layers(ctx context.Context, b *bench) error {
	dir, err := b.layersDir()
	if err != nil {
		return err
	}
	times, allocations := map[string][]float64{}, map[string]float64{}
	var names []string
	add := func(name string, c cost) {
		if times[name] == nil {
			names = append(names, name)
		}
		times[name] = append(times[name], c.nanoseconds)
		allocations[name] = max(allocations[name], c.allocations)
	}
	for turn := range b.Rounds {
		fmt.Printf("round %d of %d, load %s\n", turn+1, b.Rounds, load())
		for _, program := range []string{"cpu", "allocations"} {
			if program == "allocations" && turn > 0 {
				continue // their number does not depend on the machine
			}
			text, err := b.program(ctx, program, dir, strconv.FormatFloat(b.Span.Seconds(), 'f', 1, 64))
			if err != nil {
				return err
			}
			if err := rows(text, program, add, allocations); err != nil {
				return err
			}
		}
		text, err := b.program(ctx, "interceptor.test", "-test.run", "^$", "-test.bench", ".", "-test.cpu", "1",
			"-test.benchtime", (b.Span / 3).String())
		if err != nil {
			return err
		}
		if err := benchmarks(text, add); err != nil {
			return err
		}
	}
	b.printLayers(names, times, allocations)
	return nil
}

// layersDir has what the program reads: the request, and for each algorithm a key set, good tokens and a bad one.
func (b *bench) layersDir() (string, error) {
	dir := filepath.Join(b.dir, "layers")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	if err := join(filepath.Join(dir, "body"), b.bodies[mainSize]); err != nil {
		return "", err
	}
	for _, algorithm := range algorithms {
		newIssuer := token.NewIssuer
		if algorithm == "ES256" {
			newIssuer = token.NewES256Issuer
		}
		keys := filepath.Join(dir, algorithm)
		if err := os.Mkdir(keys, 0o700); err != nil {
			return "", err
		}
		issuer, err := newIssuer(keys)
		if err != nil {
			return "", err
		}
		var good strings.Builder
		for i := range coldTokens {
			fmt.Fprintln(&good, issuer.Token("worker-"+strconv.Itoa(i), 24*time.Hour, Permission))
		}
		bad := issuer.Token("worker", -time.Hour, Permission)
		if err := os.WriteFile(filepath.Join(keys, "tokens"), []byte(good.String()), 0o600); err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(keys, "expired"), []byte(bad), 0o600); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// program runs one that tests/perf/run has built, and returns what it prints.
func (b *bench) program(ctx context.Context, name string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, filepath.Join(b.Cache, "bin", name), args...)
	command.SysProcAttr = process.Group()
	output, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", name, err, output)
	}
	return string(output), nil
}

// rows reads lines of a name, a tab and a number.
func rows(text, program string, add func(string, cost), allocations map[string]float64) error {
	for line := range strings.Lines(text) {
		name, number, found := strings.Cut(strings.TrimSpace(line), "\t")
		value, err := strconv.ParseFloat(number, 64)
		if !found || err != nil {
			return fmt.Errorf("%s has printed %q", program, line)
		}
		if program == "cpu" {
			add(name, cost{nanoseconds: value})
		} else {
			allocations[name] = value
		}
	}
	return nil
}

// benchmarks reads what `go test -bench` prints: a name, the number of calls, then pairs of a number and its unit.
func benchmarks(text string, add func(string, cost)) error {
	found := 0
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		var c cost
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return err
			}
			switch fields[i+1] {
			case "cpu-ns/op":
				c.nanoseconds = value
			case "allocs/op":
				c.allocations = value
			}
		}
		found++
		add(goJudgment+", "+strings.TrimPrefix(fields[0], "Benchmark"), c)
	}
	if found != len(algorithms) {
		return fmt.Errorf("the interceptor's benchmarks have printed %q", text)
	}
	return nil
}

func (b *bench) printLayers(names []string, times map[string][]float64, allocations map[string]float64) {
	fmt.Fprintf(b.out, "\nStartWorkflowExecution of 2 KB, one thread, no sockets; medians of %d rounds\n", b.Rounds)
	table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tCPU/call\tadded\tover bare\tallocations\tadded\t")
	bare, bareAllocations := middle(times[bareTonic]), allocations[bareTonic]
	chart := group{title: "CPU that authorization adds to a call in the same process, in µs"}
	added, longest := map[string]float64{}, 0
	for _, name := range names {
		longest = max(longest, len(name))
	}
	for _, name := range names {
		own, share, more := middle(times[name])-bare, middle(times[name])/bare, allocations[name]-bareAllocations
		call, over, counted := nanos(middle(times[name])), fmt.Sprintf("%.2fx", share), fmt.Sprintf("%.1f", allocations[name])
		if strings.HasPrefix(name, goJudgment) {
			own, more = middle(times[name]), allocations[name]
			call, over, counted = "-", "-", "-"
		}
		added[name] = own
		fmt.Fprintf(table, "%-*s\t%s\t%s\t%s\t%s\t%.1f\t\n", longest, name, call, nanos(own), over, counted, more)
		if name != bareTonic {
			chart.bars = append(chart.bars, bar{name, own / 1e3})
		}
	}
	_ = table.Flush()
	b.bars = append(b.bars, chart)
	for _, algorithm := range algorithms {
		ours, theirs := added[ourCached+", "+algorithm], added[goJudgment+", "+algorithm]
		fmt.Fprintf(b.out, "G15  %s / %s, %s: 1/%.0f\n", ourCached, goJudgment, algorithm, theirs/ours)
	}
}

func nanos(ns float64) string { return micros(time.Duration(ns)) }
