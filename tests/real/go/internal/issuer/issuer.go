// Package issuer proves the life of a key with a real OpenID provider, which the gateway knows by nothing but its issuer URL.
package issuer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"real/internal/check"
	"real/internal/gateway"
	"real/internal/world"
)

const (
	// refresh is how often the gateways load the keys, but for the patient one.
	refresh = 2 * time.Second
	// cooldown is how far apart the attempts are that unknown keys cause.
	cooldown = 5 * time.Second
	// attempt is how long one attempt at the provider may take.
	attempt = time.Second
	// margin is for a machine that has other work.
	margin = 1500 * time.Millisecond
)

// Options of the part.
type Options struct {
	// Node is the program.
	Node string
	// Server is the path of server.mjs, with its packages installed beside it.
	Server string
}

// part is what the steps share.
type part struct {
	*check.Part
	w       *world.World
	report  *check.Report
	options Options
	home    *provider // whose tokens are good
	direct  *caller   // the server itself
	quick   *caller   // strict, loads the keys often
	patient *caller   // Temporal's answers, loads the keys of itself but once
	late    *caller   // strict, started while the provider was away
	loads   []*load
	// renewing says that the provider is there to ask for tokens.
	renewing atomic.Bool
	cleanups []func()
}

// Run runs the part against the world; everything that it starts has ended when it returns.
func Run(ctx context.Context, w *world.World, o Options, report *check.Report) {
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	p := &part{Part: report.Part("issuer"), w: w, report: report, options: o}
	defer p.end()
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"a provider, and gateways that know its URL", p.begin},
		{"roles", p.roles},
		{"load", p.startLoads},
		{"rotation", p.rotation},
		{"unheard-of keys", p.unheardOf},
		{"outage", p.outage},
	} {
		// Steps report what they check; an error is what kept them from checking.
		if err := step.run(ctx); err != nil {
			p.Check(step.name, err)
			return
		}
	}
}

func (p *part) begin(ctx context.Context) error {
	home, err := p.provider(ctx, provider{name: "home", port: fixedPort(), keys: filepath.Join(p.w.Dir, "issuer-keys.json"), secret: rand.Text()})
	if err != nil {
		return err
	}
	p.home = home
	p.report.Version("oidc-provider", home.version)
	var failed [3]error
	p.direct, failed[0] = p.caller("direct", "", p.w.Page.Direct)
	p.quick, failed[1] = p.gateway(ctx, "strict", "strict", refresh)
	p.patient, failed[2] = p.gateway(ctx, "patient", "temporal", time.Hour)
	return errors.Join(failed[:]...)
}

// gateway starts one that knows of the issuer what stands here, and no key. It limits no failed credentials: what they cost at
// the issuer is looked at here.
func (p *part) gateway(ctx context.Context, name, policy string, refresh time.Duration) (*caller, error) {
	running, err := p.w.Gateway(ctx, gateway.Options{Name: "issuer-" + name, Drain: "1s", Config: fmt.Sprintf(`global:
  authorization:
    jwtKeyProvider: { refreshInterval: %s }
    permissionsClaimName: permissions
    authorizer: default
    claimMapper: default
    audience: temporal
gateway:
  limits: { jwksTimeout: %s, maxFailuresPerSecond: 0 }
  authorization:
    policy: %s
    issuers:
      - issuer: %s
        algorithms: [RS256, ES256]
`, refresh, attempt, policy, p.home.url())})
	if err != nil {
		return nil, err
	}
	p.cleanups = append(p.cleanups, func() { _ = running.Stop(5 * time.Second) })
	return p.caller(name, policy, running.Address)
}

// end ends all, the last started first.
func (p *part) end() {
	for _, load := range p.loads {
		load.end()
	}
	for i := len(p.cleanups) - 1; i >= 0; i-- {
		p.cleanups[i]()
	}
}
