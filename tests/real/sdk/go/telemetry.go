package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
)

// telemetry is what an operator of a worker sees of it: the SDK's counters, and its warnings.
type telemetry struct {
	mu       sync.Mutex
	counters map[string]int64
	warnings []string
}

// watch makes a client, and the workers on it, tell about themselves.
func watch(options *client.Options) *telemetry {
	t := &telemetry{counters: map[string]int64{}}
	options.MetricsHandler = meter{t, ""}
	options.Logger = listener{options.Logger, t}
	return t
}

// sum adds up the counters whose text has all parts. Such a text is "temporal_long_request operation=PollWorkflowTaskQueue ".
func (t *telemetry) sum(parts ...string) (total int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, count := range t.counters {
		if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(name, part) }) {
			total += count
		}
	}
	return total
}

// unharmed is an error when any request failed, every attempt counted, or anything was warned about.
func (t *telemetry) unharmed() error {
	failed := t.sum("request_failure")
	t.mu.Lock()
	defer t.mu.Unlock()
	if failed == 0 && len(t.warnings) == 0 {
		return nil
	}
	var failures []string
	for _, name := range slices.Sorted(maps.Keys(t.counters)) {
		if strings.Contains(name, "request_failure") {
			failures = append(failures, fmt.Sprintf("%d x %s", t.counters[name], name))
		}
	}
	return fmt.Errorf("failed requests %q, warnings %q", failures, t.warnings)
}

// warned is the first warning that has the text.
func (t *telemetry) warned(text string) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.IndexFunc(t.warnings, func(warning string) bool { return strings.Contains(warning, text) })
	if at < 0 {
		return "", false
	}
	return t.warnings[at], true
}

// meter is the SDK's MetricsHandler.
type meter struct {
	to   *telemetry
	tags string
}

func (m meter) WithTags(tags map[string]string) client.MetricsHandler {
	for _, key := range []string{"operation", "status_code"} {
		if value, ok := tags[key]; ok {
			m.tags += key + "=" + value + " "
		}
	}
	return m
}

func (m meter) Counter(name string) client.MetricsCounter { return counter{m.to, name + " " + m.tags} }

func (m meter) Gauge(string) client.MetricsGauge { return client.MetricsNopHandler.Gauge("") }

func (m meter) Timer(string) client.MetricsTimer { return client.MetricsNopHandler.Timer("") }

type counter struct {
	to   *telemetry
	name string
}

func (c counter) Inc(by int64) {
	c.to.mu.Lock()
	defer c.to.mu.Unlock()
	c.to.counters[c.name] += by
}

// listener is the SDK's Logger.
type listener struct {
	sdklog.Logger
	to *telemetry
}

func (l listener) Warn(message string, pairs ...any) {
	l.keep(message, pairs)
	l.Logger.Warn(message, pairs...)
}

func (l listener) Error(message string, pairs ...any) {
	l.keep(message, pairs)
	l.Logger.Error(message, pairs...)
}

func (l listener) keep(message string, pairs []any) {
	l.to.mu.Lock()
	defer l.to.mu.Unlock()
	l.to.warnings = append(l.to.warnings, message+" "+fmt.Sprint(pairs...))
}
