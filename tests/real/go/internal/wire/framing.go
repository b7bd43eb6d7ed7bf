package wire

import (
	"bytes"
	"compress/zlib"

	"real/internal/wire/call"
)

// framing is how a message becomes a request body.
type framing struct {
	name, encoding string
	body           func(message []byte) []byte
	// ours says what our side makes of it when it reads the body.
	ours reading
}

type reading int

const (
	readable reading = iota
	unreadable
	// unknownEncoding: compressed with what nobody here inflates.
	unknownEncoding
	// deflated: our side inflates it, and grpc-go does not.
	deflated
	// members: of more gzip members than our side inflates.
	members
	// shortened: the body ends before its message does.
	shortened
	// several: more than one message.
	several
	// tooLarge: beyond the limit for messages.
	tooLarge
)

const maxMessage = 4 << 20

var (
	plain = framing{name: "plain", body: func(m []byte) []byte { return call.Frame(0, m) }}

	gzipped = framing{name: "gzip", encoding: "gzip", body: func(m []byte) []byte { return call.Frame(1, call.Gzip(m)) }}
	// gzipNamed has the header of a compression that is not used.
	gzipNamed = framing{name: "gzip, not compressed", encoding: "gzip", body: plain.body}
	gzipParts = framing{name: "gzip of two members", encoding: "gzip", body: func(m []byte) []byte {
		half := len(m) / 2
		return call.Frame(1, append(call.Gzip(m[:half]), call.Gzip(m[half:])...))
	}}
	gzipMembers = framing{name: "gzip of 1,001 members", encoding: "gzip", ours: members, body: func(m []byte) []byte {
		return call.Frame(1, append(bytes.Repeat(call.Gzip(nil), 1000), call.Gzip(m)...))
	}}
	gzipLarge = framing{name: "gzip of more than 4 MiB", encoding: "gzip", ours: tooLarge, body: func(m []byte) []byte {
		return call.Frame(1, call.Gzip(pad(m)))
	}}
	gzipCorrupt = framing{name: "gzip with a wrong checksum", encoding: "gzip", ours: unreadable, body: func(m []byte) []byte {
		compressed := call.Gzip(m)
		compressed[len(compressed)-8] ^= 1
		return call.Frame(1, compressed)
	}}
	gzipTrailing = framing{name: "gzip with more behind it", encoding: "gzip", ours: unreadable, body: func(m []byte) []byte {
		return call.Frame(1, append(call.Gzip(m), 1, 2, 3))
	}}
	noEncoding = framing{name: "compressed, and not said how", ours: unreadable, body: gzipped.body}
	deflate    = framing{name: "deflate", encoding: "deflate", ours: deflated, body: func(m []byte) []byte {
		var buffer bytes.Buffer
		writer := zlib.NewWriter(&buffer)
		_, _ = writer.Write(m)
		_ = writer.Close()
		return call.Frame(1, buffer.Bytes())
	}}
	zstd     = framing{name: "zstd", encoding: "zstd", ours: unknownEncoding, body: gzipped.body}
	zstdName = framing{name: "zstd, not compressed", encoding: "zstd", body: plain.body}
	identity = framing{name: "identity, compressed", encoding: "identity", ours: unreadable, body: gzipped.body}

	large    = framing{name: "more than 4 MiB", ours: tooLarge, body: func(m []byte) []byte { return call.Frame(0, pad(m)) }}
	cut      = framing{name: "a message cut short", ours: shortened, body: func(m []byte) []byte { return call.Frame(0, append(m, 0))[:5+len(m)] }}
	twice    = framing{name: "two messages", ours: several, body: func(m []byte) []byte { return append(call.Frame(0, m), call.Frame(0, m)...) }}
	oddFlag  = framing{name: "flag 2", ours: unreadable, body: func(m []byte) []byte { return call.Frame(2, m) }}
	framings = []framing{
		gzipped, gzipNamed, gzipParts, gzipMembers, gzipLarge, gzipCorrupt, gzipTrailing, noEncoding, deflate, zstd, zstdName,
		identity, large, cut, twice, oddFlag,
	}
)

// pad adds an unknown field, so that the message is larger than the limit.
func pad(message []byte) []byte {
	// Field 15001, bytes, of 4 MiB.
	padded := append(append([]byte{}, message...), 0xca, 0xa9, 0x07, 0x80, 0x80, 0x80, 0x02)
	return append(padded, make([]byte, maxMessage)...)
}
