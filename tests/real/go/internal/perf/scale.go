package perf

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// descriptors are what this process and the gateway may each have open: a socket for every connection of a client, and some more.
const descriptors = 4096

// scale has many calls, and then many connections, open on one gateway at a time.
func scale(ctx context.Context, b *bench) error {
	if err := allowDescriptors(); err != nil {
		return err
	}
	if err := b.openPolls(ctx); err != nil {
		return fmt.Errorf("open polls: %w", err)
	}
	if err := b.clientCertificates(ctx); err != nil {
		return fmt.Errorf("client certificates: %w", err)
	}
	return nil
}

// allowDescriptors sets the limit however high it seems: Go has raised its own, and gives programs that it starts the one from before,
// until the limit is set here.
func allowDescriptors() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("limit of open files: %w", err)
	}
	found := limit.Max
	limit.Cur, limit.Max = descriptors, max(descriptors, limit.Max)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("%d open files are needed, and `ulimit -Hn` is %d: %w", descriptors, found, err)
	}
	return nil
}

// descriptorsOf counts the files that a process has open.
func descriptorsOf(pid int) (int, error) {
	files, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "fd"))
	return len(files), err
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20)) }

// kilobytesEach is what one of so many takes.
func kilobytesEach(bytes int64, count int) string {
	if count == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f KB", float64(bytes)/(1<<10)/float64(count))
}
