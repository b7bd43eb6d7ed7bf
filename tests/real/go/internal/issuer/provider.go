package issuer

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"real/internal/process"
)

// provider is an OpenID provider that runs, or has run and can be started again.
type provider struct {
	name string
	port int
	// keys is the file of its private keys.
	keys string
	// issuer is its name when that is not its own address.
	issuer  string
	secret  string
	version string
	starts  int
	running *process.Process
}

// fixedPort is free, and below those that Linux gives to whoever asks for a free one: nobody takes it while the provider is away.
func fixedPort() int {
	for {
		port := 20000 + rand.IntN(10000)
		if listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			listener.Close()
			return port
		}
	}
}

// provider starts one; it ends with the part at the latest.
func (p *part) provider(ctx context.Context, one provider) (*provider, error) {
	o := &one
	p.cleanups = append(p.cleanups, o.stop)
	return o, o.start(ctx, p.options, p.w.Dir)
}

// start returns when the provider listens.
func (o *provider) start(ctx context.Context, options Options, dir string) error {
	o.starts++
	log := filepath.Join(dir, fmt.Sprintf("issuer-%s-%d.log", o.name, o.starts))
	args := []string{options.Server, fmt.Sprint(o.port), o.keys}
	if o.issuer != "" {
		args = append(args, o.issuer)
	}
	running, err := process.Start(log, []string{"CLIENT_SECRET=" + o.secret}, options.Node, args...)
	if err != nil {
		return err
	}
	o.running = running
	_, err = eventually(ctx, 30*time.Second, func() error {
		text, err := os.ReadFile(log)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			_, _ = fmt.Sscanf(line, "version oidc-provider %s", &o.version)
			if n, _ := fmt.Sscanf(line, "listening %d", &o.port); n == 1 {
				return nil
			}
		}
		select {
		case <-running.Done():
			return fmt.Errorf("the provider has ended; see %s", log)
		default:
			return fmt.Errorf("the provider does not listen; see %s", log)
		}
	})
	return err
}

func (o *provider) stop() {
	if o.running != nil {
		_ = o.running.Stop(5 * time.Second)
		o.running = nil
	}
}

func (o *provider) address() string { return fmt.Sprintf("127.0.0.1:%d", o.port) }

func (o *provider) url() string { return "http://" + o.address() }

// token asks for an access token as the client, by the client-credentials grant, for the audience and signed with the algorithm.
func (o *provider) token(ctx context.Context, client, audience, alg string) (string, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "resource": {"urn:" + audience + ":" + alg}}
	text, err := o.ask(ctx, "POST", "/token", form.Encode(), client)
	if err != nil {
		return "", err
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	return answer.Token, json.Unmarshal([]byte(text), &answer)
}

// control asks the operator's page; see server.mjs.
func (o *provider) control(ctx context.Context, command string) (string, error) {
	return o.ask(ctx, "POST", "/control/"+command, "", "")
}

// fetches is how often the discovery document and the keys were asked for since the provider was started.
func (o *provider) fetches(ctx context.Context) (discovery, jwks int, err error) {
	text, err := o.ask(ctx, "GET", "/control/fetches", "", "")
	if err != nil {
		return 0, 0, err
	}
	var counted struct{ Discovery, Jwks int }
	err = json.Unmarshal([]byte(text), &counted)
	return counted.Discovery, counted.Jwks, err
}

func (o *provider) ask(ctx context.Context, method, path, form, client string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, o.url()+path, strings.NewReader(form))
	if err != nil {
		return "", err
	}
	if client != "" {
		request.SetBasicAuth(client, o.secret)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s: %s", method, path, response.Status, text)
	}
	return string(text), err
}
