package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const namespace = "sdk-cli"

// world says where everything is.
type world struct {
	Direct       string `json:"direct"`
	Plain        string `json:"plain"`
	TLS          string `json:"tls"`
	MTLS         string `json:"mtls"`
	ServerName   string `json:"server_name"`
	CA           string `json:"ca"`
	WrongCA      string `json:"wrong_ca"`
	WorkerCert   string `json:"worker_cert"`
	WorkerKey    string `json:"worker_key"`
	UnmappedCert string `json:"unmapped_cert"`
	UnmappedKey  string `json:"unmapped_key"`
	StrangerCert string `json:"stranger_cert"`
	StrangerKey  string `json:"stranger_key"`
	Tokens       string `json:"tokens"`

	command string // the file that is run
	home    string // an empty folder, so that no configuration of this user's is found
}

func readWorld(path string) (*world, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	w := &world{}
	return w, json.Unmarshal(text, w)
}

// token asks for a token; a lifetime below zero is one that ended already.
func (w *world) token(ctx context.Context, lifetime time.Duration, permissions ...string) (string, error) {
	query := url.Values{
		"permission": permissions,
		"ttl":        {strconv.Itoa(int(lifetime.Seconds()))},
		"sub":        {"sdk-cli"},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.Tokens+"?"+query.Encode(), nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("token service: %s: %s", response.Status, text)
	}
	return strings.TrimSpace(string(text)), nil
}

// writer and reader are tokens of exactly one role in this program's namespace.
func (w *world) writer(ctx context.Context) (string, error) {
	return w.token(ctx, time.Hour, namespace+":write")
}

func (w *world) reader(ctx context.Context) (string, error) {
	return w.token(ctx, time.Hour, namespace+":read")
}

// unique is an id that no other run has.
func unique(what string) string {
	return what + "-" + strings.ToLower(rand.Text()[:12])
}
