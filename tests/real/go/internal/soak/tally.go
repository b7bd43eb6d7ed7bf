package soak

import (
	"context"
	"fmt"
	"sort"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// tally counts calls by what became of them, until the context of the soak ends: what is cut short then is nobody's fault.
type tally struct {
	mu        sync.Mutex
	workflows int
	allowed   int
	refused   int
	// wrong are refusals of what is allowed, and anything but a refusal of what is not.
	wrong int
	// failed are calls that got neither: no answer, or an error that no caller should see.
	failed int
	// causes of wrong and failed calls, with their number.
	causes map[string]int
}

func newTally() *tally { return &tally{causes: map[string]int{}} }

// mayCall counts a call that is allowed.
func (t *tally) mayCall(ctx context.Context, what string, err error) {
	code := status.Code(err)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case ctx.Err() != nil:
	case code == codes.PermissionDenied || code == codes.Unauthenticated:
		t.wrong++
		t.cause("refused", what, err)
	// What the server itself says about workflows that are gone is an answer.
	case err == nil || code == codes.NotFound || code == codes.AlreadyExists:
		t.allowed++
	default:
		t.failed++
		t.cause("failed", what, err)
	}
}

// mayNotCall counts a call that is to be refused.
func (t *tally) mayNotCall(ctx context.Context, what string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch said := status.Convert(err); {
	case ctx.Err() != nil:
	case said.Code() == codes.PermissionDenied && said.Message() == "Request unauthorized.":
		t.refused++
	case err == nil:
		t.wrong++
		t.cause("allowed", what, nil)
	default:
		t.failed++
		t.cause("not refused", what, err)
	}
}

// workflow counts one as its user sees it; known is asked when it failed.
func (t *tally) workflow(err error, known func() string) {
	text := ""
	if err != nil {
		text = known()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		t.workflows++
		return
	}
	t.failed++
	t.cause("failed", "a workflow, "+text, err)
}

// withdrawn counts a call that its caller was right to make and did not wait for.
func (t *tally) withdrawn(ctx context.Context, what string, err error) {
	if status.Code(err) == codes.DeadlineExceeded {
		err = nil
	}
	t.mayCall(ctx, what, err)
}

func (t *tally) cause(kind, what string, err error) {
	said := status.Convert(err)
	t.causes[fmt.Sprintf("%s: %s: %v %s", kind, what, said.Code(), said.Message())]++
}

const heading = "   time workflows     calls   allowed   refused  failed  wrong  RSS MiB  files  threads   CPU s"

func (t *tally) line(after time.Duration, f figures) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return fmt.Sprintf("%7s %9d %9d %9d %9d %7d %6d %8.1f %6d %8d %7.1f", after.Round(time.Second), t.workflows, t.allowed+t.refused+t.failed+t.wrong,
		t.allowed, t.refused, t.failed, t.wrong, mebibytes(float64(f.rss)), f.files, f.threads, f.cpu)
}

// why lists the causes, at most twenty.
func (t *tally) why() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines []string
	for cause, number := range t.causes {
		lines = append(lines, fmt.Sprintf("%d x %s", number, cause))
	}
	sort.Strings(lines)
	return lines[:min(20, len(lines))]
}
