package perf

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// usage of a process group: CPU time of user and system since it began, and resident memory now.
type usage struct {
	cpu      time.Duration
	resident int64
}

// usageOf sums over the processes of the group. What they share is counted for each of them.
func usageOf(group int) (usage, error) {
	var sum usage
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return sum, err
	}
	found := false
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		// The name stands in parentheses and may hold anything; the field after it is the third, state.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) < 3 || fields[2] != strconv.Itoa(group) {
			continue
		}
		used, err := cpuOf(filepath.Base(filepath.Dir(file)))
		if err != nil {
			continue // so has this one
		}
		resident, err := residentOf(filepath.Dir(file))
		if err != nil {
			return sum, err
		}
		found = true
		sum.cpu += used
		sum.resident += resident
	}
	if !found {
		return sum, fmt.Errorf("the process group %d has ended", group)
	}
	return sum, nil
}

// cpuOf is what the process has used by its own clock, in nanoseconds where /proc/PID/stat has steps of ten milliseconds. The
// number of that clock is made as by clock_getcpuclockid(3).
func cpuOf(process string) (time.Duration, error) {
	id, err := strconv.ParseInt(process, 10, 32)
	if err != nil {
		return 0, err
	}
	var used unix.Timespec
	const all = 2 // CPUCLOCK_SCHED: user and system, of all threads
	err = unix.ClockGettime(int32(^id<<3|all), &used)
	return time.Duration(used.Nano()), err
}

// residentOf is VmRSS, in bytes.
func residentOf(dir string) (int64, error) {
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
			kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, nil
}

// load is the machine's load of the last minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(text))[0]
}
