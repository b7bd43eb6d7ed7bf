// Package check collects what was checked, and prints a line for each as it happens.
package check

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"
)

// Report is shared by all parts of a run.
type Report struct {
	mu       sync.Mutex
	out      io.Writer
	passed   int
	failed   int
	versions map[string]string
}

// NewReport prints to out.
func NewReport(out io.Writer) *Report {
	return &Report{out: out, versions: map[string]string{}}
}

// Part names whose checks these are.
type Part struct {
	Name   string
	report *Report
}

// Part of the run with this name.
func (r *Report) Part(name string) *Part {
	return &Part{Name: name, report: r}
}

// Check records one check; nil is a pass.
func (p *Part) Check(name string, err error) bool {
	r := p.report
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.passed++
		fmt.Fprintf(r.out, "ok    %-12s %s\n", p.Name, name)
		return true
	}
	r.failed++
	detail := strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "\n        ")
	fmt.Fprintf(r.out, "FAIL  %-12s %s\n        %s\n", p.Name, name, detail)
	return false
}

// Note prints a line that is no check: a seed, a count.
func (p *Part) Note(format string, args ...any) {
	p.report.mu.Lock()
	defer p.report.mu.Unlock()
	fmt.Fprintf(p.report.out, "      %-12s %s\n", p.Name, fmt.Sprintf(format, args...))
}

// Version of something that took part, for the table at the end.
func (r *Report) Version(name, version string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.versions[name] = version
}

// Finish prints the versions and the sum. True when all held, and there was something to hold.
func (r *Report) Finish() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	names := make([]string, 0, len(r.versions))
	for name := range r.versions {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Fprint(r.out, "\n| what | version |\n|---|---|\n")
	for _, name := range names {
		fmt.Fprintf(r.out, "| %s | %s |\n", name, r.versions[name])
	}
	fmt.Fprintf(r.out, "\n%d passed, %d failed\n", r.passed, r.failed)
	return r.failed == 0 && r.passed > 0
}
