// Package call makes one gRPC call with exactly the bytes it is given, and reads the whole of what came back.
//
// It speaks HTTP/2 itself, not through a gRPC client: such a client would not send two headers of one name in a chosen
// order, a body that is no message, or a path that is no method.
package call

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// Header is one header of a call. Headers of the same name are sent in their order. A content-type or te takes the place
// of the usual one; an empty one removes it.
type Header struct{ Name, Value string }

// Call is what goes over the wire.
type Call struct {
	Path    string
	Headers []Header
	// Body is the whole request body: messages with their prefixes.
	Body []byte
}

// timeout bounds one call; every handler answers at once.
const timeout = 30 * time.Second

// Client calls one server over a few connections.
type Client struct {
	address string
	pool    []*http.Transport
	next    atomic.Uint64
}

// NewClient gives a client for the server at address, HTTP/2 without TLS.
func NewClient(address string) *Client {
	const connections = 4
	client := &Client{address: address}
	for range connections {
		protocols := new(http.Protocols)
		protocols.SetUnencryptedHTTP2(true)
		client.pool = append(client.pool, &http.Transport{Protocols: protocols, DisableCompression: true})
	}
	return client
}

// Close closes the connections.
func (c *Client) Close() {
	for _, transport := range c.pool {
		transport.CloseIdleConnections()
	}
}

// Do makes the call. Whatever happens is an answer.
func (c *Client) Do(ctx context.Context, call Call) Answer {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := c.request(ctx, call)
	if err != nil {
		return Answer{Failure: err.Error()}
	}
	transport := c.pool[c.next.Add(1)%uint64(len(c.pool))]
	response, err := transport.RoundTrip(request)
	if err != nil {
		return Answer{Failure: err.Error()}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{Failure: err.Error()}
	}
	return read(response, body)
}

func (c *Client) request(ctx context.Context, call Call) (*http.Request, error) {
	target, err := url.Parse("http://" + c.address + call.Path)
	if err != nil {
		return nil, fmt.Errorf("path %q: %w", call.Path, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(call.Body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/grpc")
	request.Header.Set("Te", "trailers")
	request.Header.Set("User-Agent", "differ")
	for _, header := range call.Headers {
		name := http.CanonicalHeaderKey(header.Name)
		if name == "Content-Type" || name == "Te" {
			request.Header.Del(name)
			if header.Value == "" {
				continue
			}
		}
		request.Header[name] = append(request.Header[name], header.Value)
	}
	return request, nil
}
