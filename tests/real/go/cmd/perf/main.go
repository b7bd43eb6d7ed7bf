// Command perf measures the gateway beside other proxies, and the layer beside other authorization in the same process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"real/internal/perf"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx); err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted")
		}
		fmt.Fprintln(os.Stderr, "FAIL  "+err.Error())
		stop()
		os.Exit(1)
	}
}

func command(ctx context.Context) error {
	var o perf.Options
	flag.StringVar(&o.Gateway, "gateway", "", "the program temporal-gateway")
	flag.StringVar(&o.Cache, "cache", "", "folder with what tests/perf/run has built")
	flag.StringVar(&o.Out, "out", "", "folder for results, which is there")
	flag.IntVar(&o.Rounds, "rounds", 7, "rounds; of their figures the median is shown")
	seconds := flag.Float64("seconds", 4, "how long one measurement takes, about")
	names := flag.String("parts", strings.Join(perf.Parts(false), ","), "of "+strings.Join(perf.Parts(true), ","))
	all := flag.Bool("all", false, "all parts")
	flag.Parse()
	o.Span = time.Duration(*seconds * float64(time.Second))
	o.Parts = strings.Split(*names, ",")
	if *all {
		o.Parts = perf.Parts(true)
	}
	if err := perf.CheckParts(o.Parts); err != nil {
		return err
	}
	if o.Rounds < 1 || o.Span <= 0 || flag.NArg() > 0 {
		return fmt.Errorf("-rounds and -seconds are above 0, and there are no other arguments")
	}
	return perf.Run(ctx, o, os.Stdout)
}
