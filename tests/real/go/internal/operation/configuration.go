package operation

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"real/internal/process"
	"real/internal/world"
)

// configurationFiles starts gateways that cannot be: each says why, and where it is written.
func configurationFiles(ctx context.Context, w *world.World) error {
	good := w.TokenConfig("")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer taken.Close()
	rows := []struct {
		name, config, listen string
		says                 []string
	}{
		{
			"a key that is not known", strings.Replace(good, "refreshInterval", "refreshIntervall", 1), "127.0.0.1:0",
			[]string{":5:", "global.authorization.jwtKeyProvider.refreshIntervall", "did you mean `refreshInterval`"},
		},
		{
			"a value that makes no sense", strings.Replace(good, "refreshInterval: 1m", "refreshInterval: soon", 1), "127.0.0.1:0",
			[]string{":5:", "global.authorization.jwtKeyProvider.refreshInterval`: `soon`: not a duration"},
		},
		{
			"a section of another kind", good + "gateway: [\n", "127.0.0.1:0",
			[]string{":9:", "`gateway`: expected a mapping"},
		},
		{
			"no YAML", good + "gateway: { listen: \"\n", "127.0.0.1:0",
			[]string{":9"},
		},
		{
			"a certificate that is not there",
			w.TokenConfig("  tls:\n    frontend:\n      server: { certFile: /nowhere.pem, keyFile: /nowhere-key.pem }\n"), "127.0.0.1:0",
			[]string{"/nowhere.pem", "global.tls.frontend.server"},
		},
		{
			"a port in use", good, taken.Addr().String(),
			[]string{"cannot listen at " + taken.Addr().String()},
		},
	}
	var failed error
	for i, row := range rows {
		said, err := refusesToStart(ctx, w, fmt.Sprint("operation-broken-", i), row.config, row.listen)
		for _, expected := range row.says {
			if err == nil && !strings.Contains(said, expected) {
				err = fmt.Errorf("no %q in: %s", expected, said)
			}
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", row.name, err))
		}
	}
	return failed
}

// refusesToStart returns what the program says when it ends at once with a status that is not 0.
func refusesToStart(ctx context.Context, w *world.World, name, config, listen string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	file, log := filepath.Join(w.Dir, name+".yaml"), filepath.Join(w.Dir, name+".log")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return "", err
	}
	p, err := process.Start(log, nil, w.Binary, "serve", "--config", file, "--listen", listen, "--upstream", "http://"+w.Page.Direct)
	if err != nil {
		return "", err
	}
	var exit *exec.ExitError
	if err := p.Wait(ctx); !errors.As(err, &exit) {
		return "", errors.Join(fmt.Errorf("it should end with an error status, but: %v", err), p.Stop(time.Second))
	}
	said, err := os.ReadFile(log)
	return strings.TrimSpace(string(said)), err
}
