package temporal

import (
	"io"
	"net"
	"sync"
)

// Relay passes TCP connections on to whatever address it points to at the time; without one it refuses them.
type Relay struct {
	Address  string
	listener net.Listener
	mu       sync.Mutex
	target   string
	open     map[net.Conn]struct{}
}

// NewRelay listens on a free port and points nowhere.
func NewRelay() (*Relay, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &Relay{Address: listener.Addr().String(), listener: listener, open: map[net.Conn]struct{}{}}
	go r.accept()
	return r, nil
}

// Point cuts the open connections and passes new ones on to the target.
func (r *Relay) Point(target string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.target = target
	for connection := range r.open {
		connection.Close()
	}
}

// Close ends the relay.
func (r *Relay) Close() {
	r.listener.Close()
	r.Point("")
}

func (r *Relay) accept() {
	for {
		caller, err := r.listener.Accept()
		if err != nil {
			return
		}
		go r.pass(caller)
	}
}

func (r *Relay) pass(caller net.Conn) {
	defer caller.Close()
	r.mu.Lock()
	target := r.target
	r.mu.Unlock()
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	if !r.keep(target, caller, server) {
		return
	}
	defer r.forget(caller, server)
	ended := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{caller, server}, {server, caller}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			ended <- struct{}{}
		}()
	}
	<-ended
}

// keep is false when the target has changed since.
func (r *Relay) keep(target string, both ...net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.target != target {
		return false
	}
	for _, connection := range both {
		r.open[connection] = struct{}{}
	}
	return true
}

func (r *Relay) forget(both ...net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, connection := range both {
		delete(r.open, connection)
	}
}
