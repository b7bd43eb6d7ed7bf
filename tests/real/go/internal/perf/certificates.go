package perf

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"real/internal/pki"
)

// manyConnections are open at a time, each with a certificate of its own; atOnce of them are being opened, or call.
const (
	manyConnections = 1_000
	atOnce          = 32
)

// crowd is what many connections cost a gateway.
type crowd struct {
	resident, grown int64
	// handshake is the CPU time for one of them, and for its first call; opening is the time for all.
	handshake, opening time.Duration
	p50, p99           time.Duration
}

// clientCertificates opens the connections once a round, on a new gateway that requires certificates.
func (b *bench) clientCertificates(ctx context.Context) error {
	dir := filepath.Join(b.dir, "clients")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	defer os.RemoveAll(dir) // thousands of files that tell nothing
	ca, err := pki.NewCA(dir, "ca")
	if err != nil {
		return err
	}
	identities := make([]tls.Certificate, manyConnections)
	for i := range identities {
		pair, err := ca.Client("worker-" + strconv.Itoa(i))
		if err != nil {
			return err
		}
		if identities[i], err = tls.LoadX509KeyPair(pair.Cert, pair.Key); err != nil {
			return err
		}
	}
	var crowds []crowd
	for turn := range b.Rounds {
		fmt.Printf("round %d of %d, load %s\n", turn+1, b.Rounds, load())
		c, err := b.crowd(ctx, ca, identities)
		if err != nil {
			return err
		}
		crowds = append(crowds, c)
	}
	b.printCrowds(crowds)
	return nil
}

func (b *bench) crowd(ctx context.Context, ca *pki.CA, identities []tls.Certificate) (crowd, error) {
	t, err := b.gatewayAlone(ctx, "gateway-mtls", fmt.Sprintf(", clientCaFiles: [%s], requireClientAuth: true", ca.File))
	if err != nil {
		return crowd{}, err
	}
	defer t.stop()
	if err := t.requiresCertificate(ctx); err != nil {
		return crowd{}, err
	}
	// What only the first connections cost is not counted.
	first, err := b.connect(ctx, t, identities[:atOnce])
	if err != nil {
		return crowd{}, err
	}
	first.end()
	before, err := usageOf(t.running.Pid())
	if err != nil {
		return crowd{}, err
	}
	begin := time.Now()
	all, err := b.connect(ctx, t, identities)
	if err != nil {
		return crowd{}, err
	}
	defer all.end()
	opening := time.Since(begin)
	opened, err := usageOf(t.running.Pid())
	if err != nil {
		return crowd{}, err
	}
	times, err := all.call(ctx)
	if err != nil {
		return crowd{}, fmt.Errorf("with all connections open: %w", err)
	}
	after, err := usageOf(t.running.Pid())
	c := crowd{
		resident: after.resident, grown: after.resident - before.resident,
		handshake: (opened.cpu - before.cpu) / time.Duration(len(identities)), opening: opening,
	}
	c.p50, c.p99 = spread(times)
	return c, err
}

// requiresCertificate opens a connection without one, which is told that it needs one.
func (t *target) requiresCertificate(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}}
	connection, err := dialer.DialContext(ctx, "tcp", t.address)
	if err == nil { // in TLS 1.3 the client's handshake ends before the server has looked
		defer connection.Close()
		_ = connection.SetReadDeadline(time.Now().Add(10 * time.Second))
		_, err = connection.Read(make([]byte, 1))
	}
	if err == nil || !strings.Contains(err.Error(), "certificate required") {
		return fmt.Errorf("a connection without a certificate has the error %v, not `certificate required`", err)
	}
	return nil
}

func (b *bench) printCrowds(crowds []crowd) {
	duration := func(of func(crowd) time.Duration) string { return micros(median(crowds, of)) }
	resident := median(crowds, func(c crowd) int64 { return c.resident })
	grown := median(crowds, func(c crowd) int64 { return c.grown })
	fmt.Fprintf(b.out, "\nConnections with a client certificate each, opened with a first call, then called again, %d at a time; medians of %d rounds\n",
		atOnce, b.Rounds)
	table := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "connections\tmemory\tfor a connection\tCPU/handshake\tall opened in\tp50\tp99\t")
	fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t\n", manyConnections, megabytes(resident), kilobytesEach(grown, manyConnections),
		duration(func(c crowd) time.Duration { return c.handshake }), duration(func(c crowd) time.Duration { return c.opening }),
		duration(func(c crowd) time.Duration { return c.p50 }), duration(func(c crowd) time.Duration { return c.p99 }))
	_ = table.Flush()
}
