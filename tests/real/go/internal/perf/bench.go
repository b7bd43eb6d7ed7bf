package perf

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"real/internal/pki"
	"real/internal/token"
)

// Options of a run.
type Options struct {
	// Gateway is the program `temporal-gateway`, Cache the folder with what tests/perf/run has built, Out the folder for results.
	Gateway, Cache, Out string
	// Parts by name; see parts.go.
	Parts []string
	// Rounds of which the median is taken, and how long one measurement takes.
	Rounds int
	Span   time.Duration
}

// bench is a run.
type bench struct {
	Options
	out io.Writer
	// dir has configurations, logs and keys.
	dir         string
	issuer      *token.Issuer
	certificate pki.Pair
	upstream    *upstream
	started     []*target
	// good opens the upstream; bad has the signature of another token.
	good, bad string
	// bodies are files, by the size of the message.
	bodies map[int]string
	rates  map[key]float64
	bars   []group
}

// Run runs the parts and writes tables to out, and tables and charts to the folder of results.
func Run(ctx context.Context, o Options, out io.Writer) error {
	table, err := os.Create(filepath.Join(o.Out, "tables.txt"))
	if err != nil {
		return err
	}
	defer table.Close()
	b := &bench{Options: o, out: io.MultiWriter(out, table), bodies: map[int]string{}, rates: map[key]float64{}}
	defer b.stop()
	if err := b.prepare(); err != nil {
		return err
	}
	machine(b.out)
	for _, name := range o.Parts {
		fmt.Fprintf(b.out, "\n== %s: %s\n", name, parts[name].about)
		if err := parts[name].run(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	chart := filepath.Join(o.Out, "chart.svg")
	fmt.Fprintf(b.out, "\nload at the end %s\n", load())
	fmt.Fprintf(out, "chart: %s\n", chart)
	return os.WriteFile(chart, []byte(draw(b.bars)), 0o644)
}

func (b *bench) stop() {
	for _, t := range b.started {
		t.stop()
	}
	if b.upstream != nil {
		b.upstream.stop()
	}
}

func (b *bench) prepare() error {
	b.dir = filepath.Join(b.Out, "run")
	if err := os.Mkdir(b.dir, 0o700); err != nil {
		return err
	}
	ca, err := pki.NewCA(b.dir, "ca")
	if err != nil {
		return err
	}
	if b.certificate, err = ca.Server("server"); err != nil {
		return err
	}
	if b.issuer, err = token.NewIssuer(b.dir); err != nil {
		return err
	}
	b.good = b.issuer.Token("worker", 24*time.Hour, Permission)
	other := b.issuer.Token("somebody", 24*time.Hour, Permission)
	b.bad = b.good[:strings.LastIndex(b.good, ".")] + other[strings.LastIndex(other, "."):]
	for _, size := range sizes {
		request, err := Request(size)
		if err != nil {
			return err
		}
		body, err := frame(request)
		if err != nil {
			return err
		}
		if b.bodies[size], err = b.write(fmt.Sprintf("body-%d", size), string(body)); err != nil {
			return err
		}
	}
	b.upstream, err = startUpstream(b.certificate)
	return err
}

// machine says what the figures were made on.
func machine(out io.Writer) {
	model := "processor unknown"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		cores := strings.Count(string(text), "\nprocessor") + 1
		for line := range strings.Lines(string(text)) {
			if name, found := strings.CutPrefix(line, "model name"); found {
				model = fmt.Sprintf("%d x %s", cores, strings.TrimLeft(strings.TrimSpace(name), ": \t"))
				break
			}
		}
	}
	fmt.Fprintf(out, "%s, %s, load %s\n", time.Now().UTC().Format("2006-01-02 15:04 UTC"), model, load())
}
