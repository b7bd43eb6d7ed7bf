package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"

	"real/internal/gateway"
	"real/internal/wire/call"
	"real/internal/wire/server"
)

// pair is two servers with the same settings: Temporal's interceptor, and ours.
type pair struct {
	name     string
	settings config.Authorization
	dynamic  server.Dynamic
	// always says that our side judges commands to other namespaces whatever the dynamic setting says.
	always bool
	// permission writes a permission as these settings have it.
	permission func(namespace, role string) string

	// mapper is the reference's own, to know whom a token makes of its bearer.
	mapper          authorization.ClaimMapper
	reference, ours *call.Client
	// judging is the reference again, with commands to other namespaces judged; only with always.
	judging *call.Client
	stops   []func()
	// methods are all that there are, by path.
	methods map[string]*server.Method
	// answering says that our side is the server whose authorizer answers by header.
	answering bool
}

// known are the differences that there may be between the two sides.
func (p *pair) known() []difference {
	if p.answering {
		return answerDifferences
	}
	return differences
}

// judgesCommands says whether our side looks into commands.
func (p *pair) judgesCommands() bool { return p.always || p.dynamic.CrossNamespaceCommands }

func (p *pair) tokenHeader() string {
	if p.settings.AuthHeaderName != "" {
		return p.settings.AuthHeaderName
	}
	return "authorization"
}

func (p *pair) extraHeader() string {
	if p.settings.AuthExtraHeaderName != "" {
		return p.settings.AuthExtraHeaderName
	}
	return "authorization-extras"
}

func (p *pair) claimName() string {
	if p.settings.PermissionsClaimName != "" {
		return p.settings.PermissionsClaimName
	}
	return "permissions"
}

// claims gives whom the reference sees in this value of the token header. Nil and no error: nobody.
func (p *pair) claims(header string) (*authorization.Claims, error) {
	if header == "" {
		return nil, nil
	}
	return p.mapper.GetClaims(&authorization.AuthInfo{AuthToken: header, Audience: p.settings.Audience})
}

// start starts the servers of both sides.
func (p *pair) start(ctx context.Context, o Options, jwks string, methods []*server.Method) error {
	p.methods = byPath(methods)
	p.settings.JWTKeyProvider.KeySourceURIs = []string{"file://" + jwks}
	p.settings.Authorizer, p.settings.ClaimMapper = "default", "default"
	var err error
	if p.mapper, err = authorization.GetClaimMapperFromConfig(&p.settings, log.NewNoopLogger()); err != nil {
		return err
	}
	if p.reference, err = p.startReference(p.dynamic); err != nil {
		return err
	}
	if p.always {
		judging := p.dynamic
		judging.CrossNamespaceCommands = true
		if p.judging, err = p.startReference(judging); err != nil {
			return err
		}
	}
	handlers, err := server.Handlers(p.settings)
	if err != nil {
		return err
	}
	p.stops = append(p.stops, handlers.Stop)
	return p.startGateway(ctx, o, handlers.Address)
}

func (p *pair) startReference(dynamic server.Dynamic) (*call.Client, error) {
	authorizer, err := authorization.GetAuthorizerFromConfig(&p.settings)
	if err != nil {
		return nil, err
	}
	reference, err := server.Reference(p.settings, p.mapper, authorizer, dynamic)
	if err != nil {
		return nil, err
	}
	p.stops = append(p.stops, reference.Stop)
	return p.client(reference.Address), nil
}

func (p *pair) startGateway(ctx context.Context, o Options, upstream string) error {
	dynamic, config := filepath.Join(o.Dir, p.name+"-dynamic.yaml"), p.config(filepath.Join(o.Dir, p.name+"-dynamic.yaml"))
	if err := os.WriteFile(dynamic, []byte(dynamicFile(p.dynamic)), 0o600); err != nil {
		return err
	}
	running, err := gateway.Start(ctx, gateway.Options{
		Binary: o.Gateway, Dir: o.Dir, Name: p.name, Config: config, Listen: "127.0.0.1:0", Upstream: "http://" + upstream,
	})
	if err != nil {
		return fmt.Errorf("gateway of %s: %w", p.name, err)
	}
	p.stops = append(p.stops, func() { _ = running.Stop(time.Second) })
	p.ours = p.client(running.Address)
	return nil
}

func (p *pair) client(address string) *call.Client {
	client := call.NewClient(address)
	p.stops = append(p.stops, client.Close)
	return client
}

// stop ends everything, the last started first.
func (p *pair) stop() {
	for i := len(p.stops) - 1; i >= 0; i-- {
		p.stops[i]()
	}
}

// config is the gateway's configuration file. JSON is YAML.
func (p *pair) config(dynamic string) string {
	commands := "follow"
	if p.always {
		commands = "always"
	}
	return text(map[string]any{
		"global": map[string]any{"authorization": map[string]any{
			"jwtKeyProvider": map[string]any{"keySourceURIs": p.settings.JWTKeyProvider.KeySourceURIs},
			"authorizer":     p.settings.Authorizer, "claimMapper": p.settings.ClaimMapper,
			"permissionsClaimName": p.settings.PermissionsClaimName, "permissionsRegex": p.settings.PermissionsRegex,
			"authHeaderName": p.settings.AuthHeaderName, "authExtraHeaderName": p.settings.AuthExtraHeaderName,
			"audience": p.settings.Audience,
		}},
		"dynamicConfigClient": map[string]any{"filepath": dynamic, "pollInterval": "10s"},
		"gateway": map[string]any{
			"authorization": map[string]any{"policy": "temporal", "crossNamespaceCommands": commands},
		},
	})
}

func dynamicFile(dynamic server.Dynamic) string {
	value := func(value bool) []any { return []any{map[string]any{"value": value}} }
	propagate := value(dynamic.Propagate)
	for namespace, propagates := range dynamic.PropagateIn {
		propagate = append(propagate, map[string]any{
			"value": propagates, "constraints": map[string]any{"namespace": namespace},
		})
	}
	return text(map[string]any{
		"system.enableCrossNamespaceCommands": value(dynamic.CrossNamespaceCommands),
		"system.disableStreamingAuthorizer":   value(dynamic.StreamsUnjudged),
		"frontend.exposeAuthorizerErrors":     value(dynamic.ExposeErrors),
		"frontend.enablePrincipalPropagation": propagate,
	})
}

func byPath(methods []*server.Method) map[string]*server.Method {
	found := map[string]*server.Method{}
	for _, method := range methods {
		found[method.Path()] = method
	}
	return found
}

func text(value any) string {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}
