package soak

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"real/internal/operation/caller"
)

// comeAndGo opens connections for one call, allowed or refused, and connections that never become one.
func (t *traffic) comeAndGo(ctx context.Context, running *sync.WaitGroup, writer caller.Token) {
	again(ctx, running, 200*time.Millisecond, func() {
		t.tally.mayCall(ctx, "visitor describes", t.visit(ctx, writer))
	})
	again(ctx, running, 500*time.Millisecond, func() {
		t.tally.mayNotCall(ctx, "visitor without token describes", t.visit(ctx, caller.Fixed("")))
	})
	again(ctx, running, time.Second, func() { t.babble(ctx) })
}

func (t *traffic) visit(ctx context.Context, token caller.Token) error {
	connection, err := caller.Dial(t.address, t.trust, token)
	if err != nil {
		return err
	}
	defer connection.Close()
	return describe(ctx, workflowservice.NewWorkflowServiceClient(connection))
}

// babble connects, says something that is no TLS, or nothing, and leaves, at once or after a while.
func (t *traffic) babble(ctx context.Context) {
	connection, err := (&net.Dialer{Timeout: bound}).DialContext(ctx, "tcp", t.address)
	if err != nil {
		t.tally.mayCall(ctx, "connect", err)
		return
	}
	defer connection.Close()
	words := make([]byte, rand.IntN(100))
	for i := range words {
		words[i] = byte(rand.Int())
	}
	_, _ = connection.Write(words)
	time.Sleep(time.Duration(rand.IntN(500)) * time.Millisecond)
}

// outlive uses a token until after its end: it is good before, and refused from then on, however often it was seen.
func (t *traffic) outlive(ctx context.Context, running *sync.WaitGroup) {
	const ttl = 3 * time.Second
	again(ctx, running, time.Second, func() {
		begun := time.Now()
		token := caller.Fixed(t.issuer.Token("mortal", ttl, namespace+":read"))
		connection, err := caller.Dial(t.address, t.trust, token)
		if err != nil {
			t.tally.mayCall(ctx, "connect", err)
			return
		}
		defer connection.Close()
		s := workflowservice.NewWorkflowServiceClient(connection)
		// The end is a whole second, at most one before the ttl has passed. A call that is on its way at that time may go either way.
		for time.Since(begun) < 2*ttl && ctx.Err() == nil {
			asked := time.Since(begun)
			err := describe(ctx, s)
			switch answered := time.Since(begun); {
			case answered < ttl-time.Second:
				t.tally.mayCall(ctx, "mortal describes", err)
			case asked > ttl+time.Second:
				t.tally.mayNotCall(ctx, "mortal describes after its end", err)
			}
			time.Sleep(200 * time.Millisecond)
		}
	})
}
