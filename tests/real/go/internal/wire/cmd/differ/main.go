// differ runs the comparison on the wire by itself.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"time"

	"real/internal/wire"
)

func main() {
	options := wire.Options{Logf: log.Printf}
	flag.StringVar(&options.Gateway, "gateway", "", "path of temporal-gateway")
	flag.StringVar(&options.Answering, "answering", "", "path of answering")
	flag.StringVar(&options.Dir, "dir", "", "directory for files and logs; a new one by default")
	flag.Int64Var(&options.Seed, "seed", time.Now().UnixNano(), "seed of the random calls")
	flag.Parse()
	if options.Dir == "" {
		dir, err := os.MkdirTemp("", "differ-")
		if err != nil {
			log.Fatal(err)
		}
		options.Dir = dir
	}
	failed := false
	options.Report = func(name string, err error) {
		if err == nil {
			fmt.Println("ok   ", name)
			return
		}
		failed = true
		fmt.Printf("FAIL  %s\n%v\n", name, err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	started := time.Now()
	wire.Run(ctx, options)
	log.Printf("%s, files in %s", time.Since(started).Round(time.Millisecond), options.Dir)
	stop()
	if failed {
		os.Exit(1)
	}
}
