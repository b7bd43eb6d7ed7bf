package perf

import (
	"context"
	"fmt"
	"sync"
	"time"

	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// maxStreams are the calls that the gateway takes at a time on one connection: max_concurrent_streams of its listener.
const maxStreams = 10_000

// patience is how long polls may take to arrive, or to be answered.
const patience = 2 * time.Minute

// polls are open on a target, and the upstream holds them.
type polls struct {
	bench       *bench
	connections []*grpc.ClientConn
	message     []byte
	// calls is the context of each poll; end cancels those that are open.
	calls context.Context
	end   func()
	group sync.WaitGroup
	// opened are all that were begun, before were seen by the upstream earlier, ended gets how each one ended.
	opened int
	before int64
	ended  chan error
}

// newPolls prepares so many, and opens none.
func (b *bench) newPolls(ctx context.Context, t *target, most int) (*polls, error) {
	message, err := proto.Marshal(&workflowservice.PollWorkflowTaskQueueRequest{
		Namespace: Namespace, TaskQueue: &taskqueuepb.TaskQueue{Name: "orders"}, Identity: "worker",
	})
	if err != nil {
		return nil, err
	}
	connections, disconnect, err := t.dial(connectionsFor(most)) // which connect with their first call
	if err != nil {
		return nil, err
	}
	calls, cancel := context.WithTimeout(ctx, time.Hour) // a worker's poll has a deadline, too
	p := &polls{
		bench: b, connections: connections, message: message, calls: calls,
		before: b.upstream.polls.Load(), ended: make(chan error, most),
	}
	p.end = func() {
		cancel()
		disconnect()
		p.group.Wait()
	}
	return p, nil
}

func connectionsFor(polls int) int { return (polls + maxStreams - 1) / maxStreams }

// raise opens more polls until there are so many, and returns when the upstream has them all.
func (p *polls) raise(ctx context.Context, to int) error {
	for ; p.opened < to; p.opened++ {
		connection := p.connections[p.opened/maxStreams]
		p.group.Go(func() {
			p.ended <- call(p.calls, connection, workflowservice.WorkflowService_PollWorkflowTaskQueue_FullMethodName, p.message, p.bench.good)
		})
	}
	late := time.After(patience)
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		arrived := int(p.bench.upstream.polls.Load() - p.before)
		if arrived == to {
			return nil
		}
		fmt.Printf("%d of %d polls have arrived\n", arrived, to)
		select {
		case err := <-p.ended:
			return fmt.Errorf("a poll has ended before it was let go, with the error %v", err)
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return fmt.Errorf("of %d polls %d have arrived in %v", to, arrived, patience)
		case <-tick.C:
		}
	}
}

// letGo has the upstream answer them. Each has been open until now, and has status 0.
func (p *polls) letGo(ctx context.Context) error {
	if early := len(p.ended); early > 0 {
		return fmt.Errorf("%d polls have ended before they were let go, one with the error %v", early, <-p.ended)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for held := p.opened; held > 0; held-- {
		select {
		case p.bench.upstream.letGo <- struct{}{}:
		case <-ctx.Done():
			return fmt.Errorf("the upstream has %d polls less than it was given: %w", held, ctx.Err())
		}
	}
	for open := p.opened; open > 0; open-- {
		select {
		case err := <-p.ended:
			if err != nil {
				return fmt.Errorf("a poll that was let go: %w", err)
			}
		case <-ctx.Done():
			return fmt.Errorf("%d polls that were let go have no answer: %w", open, ctx.Err())
		}
	}
	if arrived := int(p.bench.upstream.polls.Load() - p.before); arrived != p.opened {
		return fmt.Errorf("of %d polls the upstream has seen %d", p.opened, arrived)
	}
	return nil
}
