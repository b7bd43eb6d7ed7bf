package call

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
)

const prefix = 5

// Frame puts a prefix before a message: its flag (1 is compressed) and its length.
func Frame(flag byte, message []byte) []byte {
	frame := binary.BigEndian.AppendUint32([]byte{flag}, uint32(len(message)))
	return append(frame, message...)
}

// Gzip compresses in one member.
func Gzip(message []byte) []byte {
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	// A buffer takes everything.
	_, _ = writer.Write(message)
	_ = writer.Close()
	return buffer.Bytes()
}

func gunzip(message []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(message))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

// reply says what a response body holds. Handlers here answer nothing but empty messages.
func reply(body []byte, encoding string) string {
	if len(body) == 0 {
		return ""
	}
	if len(body) < prefix || int(binary.BigEndian.Uint32(body[1:prefix])) != len(body)-prefix {
		return fmt.Sprintf("of %d bytes, not one message", len(body))
	}
	message := body[prefix:]
	if body[0] == 1 && encoding == "gzip" {
		inflated, err := gunzip(message)
		if err != nil {
			return "that does not inflate"
		}
		message = inflated
	}
	if len(message) != 0 {
		return fmt.Sprintf("of %d bytes", len(message))
	}
	return "empty"
}
