package perf

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"real/internal/process"
)

// streams are open at a time on each connection.
const streams = 8

// round is what h2load tells of its calls.
type round struct {
	perSecond float64
	p50, p99  time.Duration
	// done had an answer, of which ok had status 2xx and an empty message with it, which a refusal has not.
	done, ok int
}

var (
	rateLine   = regexp.MustCompile(`finished in [^,]+, ([0-9.]+) req/s`)
	doneLine   = regexp.MustCompile(`requests: .* (\d+) done`)
	statusLine = regexp.MustCompile(`status codes: (\d+) 2xx`)
	dataLine   = regexp.MustCompile(`traffic: .*\((\d+)\) data`)
)

// emptyMessage is what h2load counts of an answer: the frame around a message of no bytes.
const emptyMessage = 5

// h2load makes these many calls.
func (b *bench) h2load(ctx context.Context, t *target, s setting, token string, calls int) (round, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	scheme, times := "http", filepath.Join(b.dir, "times.log")
	if t.tls {
		scheme = "https"
	}
	if err := os.RemoveAll(times); err != nil { // it would append
		return round{}, err
	}
	command := exec.CommandContext(ctx, "h2load",
		"-n", strconv.Itoa(calls), "-c", strconv.Itoa(s.connections), "-m", strconv.Itoa(streams), "-N", "30", "--log-file", times,
		"-d", b.bodies[s.size], "-H", "content-type: application/grpc", "-H", "te: trailers", "-H", "authorization: Bearer "+token,
		scheme+"://"+t.address+Method)
	command.SysProcAttr = process.Group()
	command.Cancel = func() error {
		process.Kill(command.Process.Pid)
		return nil
	}
	output, err := command.CombinedOutput()
	if err != nil {
		return round{}, fmt.Errorf("h2load: %w\n%s", err, output)
	}
	parsed, err := parse(string(output))
	if err != nil {
		return round{}, fmt.Errorf("%w\n%s", err, output)
	}
	parsed.p50, parsed.p99, err = percentiles(times)
	return parsed, err
}

func parse(output string) (round, error) {
	number := func(line *regexp.Regexp) (float64, error) {
		found := line.FindStringSubmatch(output)
		if found == nil {
			return 0, fmt.Errorf("h2load has not said %q", line)
		}
		return strconv.ParseFloat(found[1], 64)
	}
	var figures [4]float64
	for i, line := range []*regexp.Regexp{rateLine, doneLine, statusLine, dataLine} {
		var err error
		if figures[i], err = number(line); err != nil {
			return round{}, err
		}
	}
	messages := int(figures[3]) / emptyMessage
	return round{perSecond: figures[0], done: int(figures[1]), ok: min(int(figures[2]), messages)}, nil
}

// percentiles of h2load's log: in each line the start, the status and the time of a call, in microseconds.
func percentiles(file string) (p50, p99 time.Duration, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, 0, err
	}
	var times []int64
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			return 0, 0, fmt.Errorf("%s: %q", file, line)
		}
		took, err := strconv.ParseInt(fields[2], 10, 64)
		if err != nil {
			return 0, 0, err
		}
		times = append(times, took)
	}
	p50, p99 = spread(times)
	return p50, p99, nil
}

// spread gives the percentiles of times in microseconds.
func spread(times []int64) (p50, p99 time.Duration) {
	if len(times) == 0 {
		return 0, 0
	}
	slices.Sort(times)
	at := func(percent int) time.Duration {
		return time.Duration(times[min(len(times)*percent/100, len(times)-1)]) * time.Microsecond
	}
	return at(50), at(99)
}
