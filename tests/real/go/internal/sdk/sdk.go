// Package sdk runs the programs that work through the gateway with Temporal's SDKs, each in its own language.
package sdk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"real/internal/check"
	"real/internal/process"
)

// Program is one of them: what to start, and which checks it must report.
type Program struct {
	Name    string
	Command []string
	Checks  []string
}

// ForSDKs are the checks of every SDK.
var ForSDKs = []string{
	"workflow", "cancel", "schedule", "list-and-history", "idle-minute",
	"reader-refused", "other-namespace-refused", "no-token-refused", "expired-token-refused",
	"tls", "tls-wrong-ca", "mtls", "mtls-no-certificate", "mtls-unmapped-certificate",
	"token-renewed", "token-expires-in-poll",
}

// ForCLI are the checks of the command line tool, which runs no worker.
var ForCLI = []string{
	"workflow", "schedule", "list-and-history",
	"reader-refused", "other-namespace-refused", "no-token-refused", "expired-token-refused",
	"tls", "tls-wrong-ca", "mtls", "mtls-no-certificate", "mtls-unmapped-certificate",
}

// Run starts the program with the world's page and reports what it says. What it says on stderr goes to dir.
func Run(ctx context.Context, program Program, world, dir string, report *check.Report) {
	part := report.Part(program.Name)
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
	defer cancel()
	log := filepath.Join(dir, program.Name+".log")
	seen, err := read(ctx, program, world, log, part, report)
	for _, name := range program.Checks {
		if !slices.Contains(seen, name) {
			part.Check(name, errors.New("the program did not say; see "+log))
		}
	}
	if err != nil {
		part.Check("ends well", fmt.Errorf("%w; see %s", err, log))
	}
}

func read(ctx context.Context, program Program, world, log string, part *check.Part, report *check.Report) ([]string, error) {
	stderr, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer stderr.Close()
	cmd := exec.CommandContext(ctx, program.Command[0], append(program.Command[1:], world)...)
	cmd.SysProcAttr = process.Group()
	cmd.Cancel = func() error { process.Kill(cmd.Process.Pid); return nil }
	cmd.WaitDelay = 5 * time.Second
	cmd.Stderr = stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer process.Kill(cmd.Process.Pid)
	var seen []string
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		fmt.Fprintln(stderr, lines.Text())
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "version":
			if name, version, found := strings.Cut(rest, " "); found {
				report.Version(name, version)
			}
		case "ok":
			seen = append(seen, rest)
			part.Check(rest, nil)
		case "FAIL":
			name, why, _ := strings.Cut(rest, ": ")
			seen = append(seen, name)
			part.Check(name, errors.New(why))
		default:
			part.Check("speaks plainly", fmt.Errorf("unknown line %q", lines.Text()))
		}
	}
	return seen, cmd.Wait()
}
