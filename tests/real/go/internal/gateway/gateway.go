// Package gateway runs our gateway: the release binary, with a configuration file as its users write it.
package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"real/internal/process"
)

// Options of one gateway.
type Options struct {
	// Binary is the program `temporal-gateway`.
	Binary string
	// Dir gets the configuration and the log.
	Dir, Name string
	// Config is the YAML text.
	Config string
	// Listen is "127.0.0.1:0" for a free port.
	Listen string
	// Upstream is the URL of the server behind.
	Upstream string
	// Drain is how long running calls have at the end; empty for the program's default.
	Drain string
}

// Gateway is one that listens.
type Gateway struct {
	*process.Process
	Address string
	// Log is the file it writes to, a JSON object a line.
	Log string
}

// Start returns when the gateway listens.
func Start(ctx context.Context, o Options) (*Gateway, error) {
	config, log := filepath.Join(o.Dir, o.Name+".yaml"), filepath.Join(o.Dir, o.Name+".log")
	if err := os.WriteFile(config, []byte(o.Config), 0o600); err != nil {
		return nil, err
	}
	before := size(log)
	args := []string{"serve", "--config", config, "--listen", o.Listen, "--upstream", o.Upstream, "--log-format", "json"}
	if o.Drain != "" {
		args = append(args, "--drain", o.Drain)
	}
	running, err := process.Start(log, nil, o.Binary, args...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		if address := listening(log, before); address != "" {
			return &Gateway{Process: running, Address: address, Log: log}, nil
		}
		select {
		case <-running.Done():
			return nil, fmt.Errorf("the gateway has ended; see %s", log)
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("the gateway does not listen; see %s", log), running.Stop(time.Second))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func size(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return info.Size()
}

// listening is the address of the line that says so, if it is there after the offset.
func listening(log string, offset int64) string {
	file, err := os.Open(log)
	if err != nil {
		return ""
	}
	defer file.Close()
	if _, err := file.Seek(offset, 0); err != nil {
		return ""
	}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var event struct{ Message, Listen string }
		if json.Unmarshal(lines.Bytes(), &event) == nil && event.Message == "listening" {
			return event.Listen
		}
	}
	return ""
}
