// Package operation does to a gateway what happens to one that is in use: it is restarted, the server behind it is, its certificate
// is replaced, its configuration is wrong.
package operation

import (
	"context"
	"sync"
	"time"

	"real/internal/check"
	"real/internal/gateway"
	"real/internal/operation/caller"
	"real/internal/world"
)

// namespace of all calls here; the SDK programs have theirs.
const namespace = "other"

// whole is the time that all of it has.
const whole = 75 * time.Second

// Run reports one check for each thing that happens. Every process that it starts has ended when it returns.
func Run(ctx context.Context, w *world.World, report *check.Report) {
	ctx, cancel := context.WithTimeout(ctx, whole)
	defer cancel()
	part := report.Part("operation")
	var running sync.WaitGroup
	running.Go(func() { part.Check("gateway restarted under load", restartedUnderLoad(ctx, w, part)) })
	// The others one after the other: each of them measures time.
	running.Go(func() {
		part.Check("SIGTERM with long polls open drains within the bound", drains(ctx, w, part))
		part.Check("the real server restarted", serverRestarted(ctx, w, part))
		part.Check("certificates replaced on disk", certificatesReplaced(ctx, w, part))
		part.Check("configuration files", configurationFiles(ctx, w))
	})
	running.Wait()
}

// writer is the token of a caller that may do all that is done here.
func writer(w *world.World) caller.Token {
	return caller.Fixed(w.Issuer.Token("operation", time.Hour, namespace+":write"))
}

// stop ends a gateway that has nothing to prove any more.
func stop(g *gateway.Gateway) { _ = g.Stop(5 * time.Second) }
