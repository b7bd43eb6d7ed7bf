package operation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"real/internal/check"
	"real/internal/gateway"
	"real/internal/world"
)

const (
	drain      = 3 * time.Second
	afterDrain = 2 * time.Second
	idlePolls  = 50
	// work comes to these further polls while the gateway drains.
	workPolls = 5
)

// drains stops a gateway with calls of all lengths: those that can end in time end well, the others are told UNAVAILABLE when the time
// is up, and nothing new comes in.
func drains(ctx context.Context, w *world.World, part *check.Part) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	g, err := w.Gateway(ctx, gateway.Options{Name: "operation-drain", Config: w.TokenConfig(""), Drain: drain.String()})
	if err != nil {
		return err
	}
	defer stop(g)
	c, err := newCalls(g.Address, w.Page.Direct, writer(w))
	if err != nil {
		return err
	}
	defer c.close()
	if err := c.direct.startWorkflow(ctx, c.queue("history")); err != nil {
		return err
	}
	idle, work, history := c.pollIdle(ctx), c.pollForWork(ctx), c.readHistory(ctx)
	short := c.callAgainAndAgain(ctx)
	time.Sleep(time.Second)
	if n := len(idle) + len(work) + len(history); n > 0 {
		return fmt.Errorf("%d long polls ended before the gateway did", n)
	}

	begun := time.Now()
	if err := g.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := errors.Join(refused(ctx, g.Address, time.Second), c.giveWork(ctx), c.endHistory(ctx)); err != nil {
		return err
	}
	if err := ended(ctx, g, time.Until(begun.Add(drain+afterDrain))); err != nil {
		return err
	}
	took := time.Since(begun)
	good, unsent, err := ofShortCalls(short(), begun)
	err = errors.Join(cutAtTheEnd(idle, begun), endedWell("poll that got work", work, workPolls), endedWell("history", history, 1), err)
	if err == nil {
		part.Note("drained in %.1f s; %d idle polls cut, %d polls got work, %d short calls ended well, %d came too late",
			took.Seconds(), idlePolls, workPolls, good, unsent)
	}
	return err
}

// cutAtTheEnd holds when the gateway told each idle poll, and only when its time was up.
func cutAtTheEnd(idle chan outcome, begun time.Time) error {
	for range idlePolls {
		one, err := next(idle)
		if err != nil {
			return fmt.Errorf("an idle poll: %w", err)
		}
		after := one.ended.Sub(begun)
		told := status.Code(one.err) == codes.Unavailable && strings.Contains(status.Convert(one.err).Message(), "shutting down")
		if !told || after < drain-100*time.Millisecond {
			return fmt.Errorf("an idle poll ended %.1f s after SIGTERM with: %v", after.Seconds(), one.err)
		}
	}
	return nil
}

func endedWell(what string, outcomes chan outcome, number int) error {
	for range number {
		one, err := next(outcomes)
		if err = errors.Join(err, one.err); err != nil {
			return fmt.Errorf("a %s: %w", what, err)
		}
	}
	return nil
}

// next outcome of a call that cannot run any more.
func next(outcomes chan outcome) (outcome, error) {
	select {
	case one := <-outcomes:
		return one, nil
	case <-time.After(time.Second):
		return outcome{}, errors.New("has not ended although the gateway has")
	}
}

// ofShortCalls counts those that ended well and those that found nobody to connect to. No other is allowed: a call that was on its way
// is answered.
func ofShortCalls(outcomes []outcome, begun time.Time) (good, unsent int, err error) {
	for _, one := range outcomes {
		switch {
		case one.err == nil:
			good++
		case status.Code(one.err) == codes.Unavailable && strings.Contains(one.err.Error(), "connection refused") && one.ended.After(begun):
			unsent++
		default:
			return 0, 0, fmt.Errorf("a short call, begun %v after SIGTERM: %w", one.begun.Sub(begun), one.err)
		}
	}
	if good == 0 || unsent == 0 {
		return 0, 0, fmt.Errorf("of the short calls %d ended well and %d found nobody: both were expected", good, unsent)
	}
	return good, unsent, nil
}
