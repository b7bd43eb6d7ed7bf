package soak

import (
	"errors"
	"fmt"
	"io"
)

const (
	// growth of memory that is allowed from the second third of the time to the last.
	growth = 0.10
	// staying is how many more files than at the beginning may be open when the callers have gone: the connections to the server.
	staying = 8
)

// verdict prints the sum, and returns what is wrong.
func verdict(out io.Writer, t *tally, samples []figures, before, after figures) error {
	third := len(samples) / 3
	if third == 0 {
		return errors.New("too short for a verdict")
	}
	second, last := meanRSS(samples[third:2*third]), meanRSS(samples[len(samples)-third:])
	grown := last/second - 1
	fmt.Fprintf(out, "RSS in the second third %.1f MiB, in the last %.1f MiB: %+.1f %%\n", mebibytes(second), mebibytes(last), 100*grown)
	fmt.Fprintf(out, "files open before %d, after the callers have gone %d\n", before.files, after.files)
	for _, line := range t.why() {
		fmt.Fprintln(out, line)
	}
	var all []error
	if t.wrong > 0 || t.failed > 0 {
		all = append(all, fmt.Errorf("%d calls got the wrong verdict, %d failed", t.wrong, t.failed))
	}
	if t.workflows == 0 || t.allowed == 0 || t.refused == 0 {
		all = append(all, fmt.Errorf("%d workflows, %d calls allowed, %d refused: nothing was proven", t.workflows, t.allowed, t.refused))
	}
	if grown > growth {
		all = append(all, fmt.Errorf("memory grows: %+.1f %% from the second third to the last", 100*grown))
	}
	if after.files > before.files+staying {
		all = append(all, fmt.Errorf("%d files are open when the callers have gone, %d were before", after.files, before.files))
	}
	if len(all) == 0 {
		fmt.Fprintln(out, "verdict: good")
	}
	return errors.Join(all...)
}

func meanRSS(samples []figures) float64 {
	sum := 0
	for _, one := range samples {
		sum += one.rss
	}
	return float64(sum) / float64(len(samples))
}

func mebibytes(kibibytes float64) float64 { return kibibytes / 1024 }
