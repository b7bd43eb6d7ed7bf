// Command real proves the gateway against a real Temporal server, Temporal's own interceptor, its SDKs and a real issuer.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"real/internal/soak"
	"real/internal/world"
)

// options of every command.
type options struct {
	gateway, cache, source, out string
	only                        []string
	seed                        int64
	minutes                     int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "real:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("which command? run, up or soak")
	}
	var o options
	var only string
	flags := flag.NewFlagSet(args[0], flag.ExitOnError)
	flags.StringVar(&o.gateway, "gateway", "", "the program temporal-gateway")
	flags.StringVar(&o.cache, "cache", "", "folder with what tests/real/run has built")
	flags.StringVar(&o.source, "source", ".", "the folder tests/real")
	flags.StringVar(&o.out, "out", "", "folder for logs and other files, which is made")
	flags.StringVar(&only, "only", "", "run: the parts to run, separated by commas")
	flags.Int64Var(&o.seed, "seed", time.Now().UnixNano(), "run: seed of the random calls")
	flags.IntVar(&o.minutes, "minutes", 30, "soak: how long")
	_ = flags.Parse(args[1:])
	if only != "" {
		o.only = strings.Split(only, ",")
	}
	switch args[0] {
	case "run":
		return run(ctx, o)
	case "up":
		return up(ctx, o)
	case "soak":
		return soaked(ctx, o)
	default:
		return fmt.Errorf("no such command: %s", args[0])
	}
}

// up starts the world and keeps it until interrupted, for work on one of the programs.
func up(ctx context.Context, o options) error {
	w, err := world.Up(ctx, o.gateway, o.out)
	if err != nil {
		return err
	}
	fmt.Println("up:", w.File())
	<-ctx.Done()
	w.Down()
	return nil
}

// soaked is a long run of mixed traffic through one gateway.
func soaked(ctx context.Context, o options) error {
	w, err := world.Up(ctx, o.gateway, o.out)
	if err != nil {
		return err
	}
	defer w.Down()
	return soak.Run(ctx, w, o.minutes, os.Stdout)
}
