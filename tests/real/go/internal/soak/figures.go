package soak

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// figures of a process at one moment, from /proc.
type figures struct {
	// rss in KiB.
	rss     int
	files   int
	threads int
	// cpu in seconds, of all its threads since it began.
	cpu float64
}

// ticks a second, in which /proc counts; the same on every Linux that Go runs on.
const ticks = 100

func figuresOf(pid int) (figures, error) {
	dir := fmt.Sprintf("/proc/%d/", pid)
	status, err := os.ReadFile(dir + "status")
	if err != nil {
		return figures{}, err
	}
	stat, err := os.ReadFile(dir + "stat")
	if err != nil {
		return figures{}, err
	}
	files, err := os.ReadDir(dir + "fd")
	if err != nil {
		return figures{}, err
	}
	f := figures{files: len(files)}
	for text := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(text, ":")
		switch name {
		case "VmRSS":
			f.rss = number(value)
		case "Threads":
			f.threads = number(value)
		}
	}
	// After the name in brackets: state is field 3, utime field 14, stime field 15.
	_, rest, _ := strings.Cut(string(stat), ") ")
	if fields := strings.Fields(rest); len(fields) > 12 {
		f.cpu = float64(number(fields[11])+number(fields[12])) / ticks
	}
	if f.rss == 0 || f.threads == 0 {
		return f, fmt.Errorf("process %d has ended", pid)
	}
	return f, nil
}

func number(text string) int {
	n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(text), " kB"))
	return n
}

// left are the figures when all callers have gone: what stays open then stays for ever. They have some seconds to go.
func left(pid int, before figures) (f figures, err error) {
	for range 50 {
		if f, err = figuresOf(pid); err != nil || f.files <= before.files+staying {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return f, err
}
