package issuer

import (
	"net"
	"sync"
)

// silent takes connections, counts them, and never answers.
type silent struct {
	listener net.Listener
	mu       sync.Mutex
	open     []net.Conn
}

func listenSilently(address string) (*silent, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &silent{listener: listener}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.open = append(s.open, connection)
			s.mu.Unlock()
		}
	}()
	return s, nil
}

func (s *silent) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

func (s *silent) close() {
	s.listener.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, connection := range s.open {
		connection.Close()
	}
}
