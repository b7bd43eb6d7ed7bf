package wire

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"real/internal/wire/call"
)

// shown is how many unexpected answers are told in full, of each kind one.
const shown = 20

// differ compares, and counts what it saw.
type differ struct {
	mu sync.Mutex
	// occurred counts the calls in which a difference showed.
	occurred map[string]int
}

// result is what came of one part of a run.
type result struct {
	calls, differing int
	unexpected       int
	// told has one unexpected answer of each kind.
	told map[string]string
}

// expect gives what our side should answer, and which differences made that another answer than the reference's.
func (d *differ) expect(ctx context.Context, c *testCase) (call.Answer, []string) {
	reference := c.pair.reference.Do(ctx, c.call())
	if c.unjudged() && reference.HTTP == 0 {
		return reference, nil
	}
	for _, known := range c.pair.known() {
		if !known.matches(c, reference) {
			continue
		}
		var answer call.Answer
		var names []string
		if known.as != nil {
			answer, names = d.expect(ctx, known.as(c))
		} else {
			answer = known.instead(c, reference)
		}
		if answer != reference {
			names = append(names, known.name)
		}
		return answer, names
	}
	return reference, nil
}

// compare makes a call to both sides. The text says what is wrong, if anything is.
func (d *differ) compare(ctx context.Context, c *testCase) (differs bool, unexpected string) {
	expected, names := d.expect(ctx, c)
	if c.pair.answering {
		expected.Request = "" // our handler there decodes nothing
	} else {
		var seen []string
		expected, seen = c.seen(expected)
		names = append(names, seen...)
	}
	ours := c.pair.ours.Do(ctx, c.call())
	if ours == expected && ours.Failure == "" {
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, name := range names {
			d.occurred[name]++
		}
		return len(names) > 0, ""
	}
	reference := c.pair.reference.Do(ctx, c.call())
	unexpected = fmt.Sprintf("%s\n  Temporal: %s\n  ours:     %s\n", c, reference, ours)
	if len(names) > 0 {
		unexpected += fmt.Sprintf("  expected: %s (%s)\n", expected, strings.Join(names, ", "))
	}
	return true, unexpected + "  sent:     " + c.bytes()
}

// note adds one comparison to a result.
func (r *result) note(c *testCase, differs bool, unexpected string) {
	r.calls++
	switch {
	case unexpected != "":
		r.unexpected++
		r.told[c.kind()] = unexpected
	case differs:
		r.differing++
	}
}

// err tells the first unexpected answers.
func (r *result) err() error {
	if r.unexpected == 0 {
		return nil
	}
	told := slices.Sorted(maps.Values(r.told))
	told = told[:min(shown, len(told))]
	return fmt.Errorf("%d of %d calls are answered otherwise, of %d kinds:\n%s\n%d more",
		r.unexpected, r.calls, len(r.told), strings.Join(told, "\n"), r.unexpected-len(told))
}

// missing are the differences that did not occur.
func (d *differ) missing(known []difference) error {
	var names []string
	for _, difference := range known {
		if d.occurred[difference.name] == 0 {
			names = append(names, difference.name)
		}
	}
	if len(names) > 0 {
		return fmt.Errorf("no longer there: %s", strings.Join(names, "; "))
	}
	return nil
}

// seen says how often each difference occurred.
func (d *differ) seen() string {
	text := ""
	for _, name := range slices.Sorted(maps.Keys(d.occurred)) {
		text += fmt.Sprintf("; %s %d", name, d.occurred[name])
	}
	return strings.TrimPrefix(text, "; ")
}
