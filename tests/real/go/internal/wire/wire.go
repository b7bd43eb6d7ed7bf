// Package wire sends the same bytes to Temporal's own authorization and to ours, and compares all that comes back: every
// method, every kind of caller, every kind of request, and random ones. Where the answers differ on purpose, the
// difference stands in one table with its reason, and what we answer there is compared too.
package wire

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"real/internal/wire/server"
	"real/internal/wire/token"
)

// Options of a run.
type Options struct {
	// Gateway and Answering are the paths of two programs: the gateway, and the server with an authorizer that answers
	// by header.
	Gateway, Answering string
	// Architecture is the path of ARCHITECTURE.md, which lists the differences for people.
	Architecture string
	// Dir gets configurations, keys and logs.
	Dir string
	// Seed of the random cases.
	Seed int64
	// Report is told each check; nil is a pass.
	Report func(name string, err error)
	// Logf is told what is no check.
	Logf func(format string, args ...any)
}

// mostTime is how long a run may take on a machine that does much else; alone it takes about a minute.
const mostTime = 5 * time.Minute

// Run compares. Every server has ended when it returns.
func Run(ctx context.Context, o Options) {
	ctx, cancel := context.WithTimeout(ctx, mostTime)
	defer cancel()
	if err := run(ctx, o); err != nil {
		o.Report("the two sides start", err)
	}
}

func run(ctx context.Context, o Options) error {
	methods, err := server.Methods()
	if err != nil {
		return err
	}
	ring, err := token.NewRing()
	if err != nil {
		return err
	}
	jwks, err := writeKeys(o.Dir, ring)
	if err != nil {
		return err
	}
	all := pairs()
	for _, pair := range all {
		defer pair.stop()
		if err := pair.start(ctx, o, jwks, methods); err != nil {
			return err
		}
	}
	d := &differ{occurred: map[string]int{}}
	casts := make([]cast, len(all))
	for i, pair := range all {
		casts[i] = cast{pair: pair, ring: ring, now: time.Now()}
	}
	o.Logf("seed %d", o.Seed)
	matrix := d.run(ctx, func(each func(*testCase)) {
		for _, cast := range casts {
			cast.matrix(methods, each)
		}
	})
	o.report("matrix", matrix)
	random := d.run(ctx, func(each func(*testCase)) { newRandom(o.Seed, casts, methods).cases(each) })
	o.report("random", random)
	answers, err := d.answers(ctx, o, methods)
	if err != nil {
		return err
	}
	o.report("answers", answers)
	o.Logf("calls that differ on purpose: %s", d.seen())
	o.Report("differences: each still occurs", d.missing(allDifferences()))
	o.Report("differences: each stands in ARCHITECTURE.md", documented(o.Architecture, allDifferences()))
	return ctx.Err()
}

func (o Options) report(name string, result *result) {
	o.Report(fmt.Sprintf("%s: %d calls, %d differ on purpose", name, result.calls, result.differing), result.err())
}

func writeKeys(dir string, ring *token.Ring) (string, error) {
	jwks, err := ring.JWKS()
	if err != nil {
		return "", err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "jwks.json")
	return file, os.WriteFile(file, jwks, 0o600)
}

// documented fails for differences whose names are not in the document.
func documented(file string, all []difference) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	plain := strings.ReplaceAll(string(text), "`", "")
	var failed error
	for _, one := range all {
		if !strings.Contains(plain, one.name) {
			failed = errors.Join(failed, fmt.Errorf("not there: %s", one.name))
		}
	}
	return failed
}
