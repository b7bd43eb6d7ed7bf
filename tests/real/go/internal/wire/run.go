package wire

import (
	"context"
	"sync"
)

// inFlight is how many calls are made at one time.
const inFlight = 16

// run compares all cases that cases gives.
func (d *differ) run(ctx context.Context, cases func(each func(*testCase))) *result {
	queue := make(chan *testCase, inFlight)
	total := &result{told: map[string]string{}}
	var mu sync.Mutex
	var workers sync.WaitGroup
	for range inFlight {
		workers.Go(func() {
			for c := range queue {
				if ctx.Err() != nil {
					continue
				}
				differs, unexpected := d.compare(ctx, c)
				mu.Lock()
				total.note(c, differs, unexpected)
				mu.Unlock()
			}
		})
	}
	cases(func(c *testCase) { queue <- c })
	close(queue)
	workers.Wait()
	return total
}
