// Command issuer runs this part alone, with a world of its own: for work on it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"real/internal/check"
	"real/internal/issuer"
	"real/internal/world"
)

func main() {
	gateway := flag.String("gateway", "", "the program temporal-gateway")
	server := flag.String("server", "", "server.mjs, with its packages installed beside it")
	out := flag.String("out", "", "folder for logs and other files, which is made")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	held, err := run(ctx, *gateway, *server, *out)
	if err != nil {
		fmt.Fprintln(os.Stderr, "issuer:", err)
	}
	if !held {
		os.Exit(1)
	}
}

func run(ctx context.Context, gateway, server, out string) (bool, error) {
	w, err := world.Up(ctx, gateway, out)
	if err != nil {
		return false, err
	}
	defer w.Down()
	report := check.NewReport(os.Stdout)
	issuer.Run(ctx, w, issuer.Options{Node: "node", Server: server}, report)
	return report.Finish(), nil
}
