// Package temporal runs a whole Temporal server in this process, on SQLite in memory, behind an address that stays.
package temporal

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/common/headers"
	"go.temporal.io/server/temporaltest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Version of the server that is compiled in.
const Version = headers.ServerVersion

// Server is a running Temporal server, unguarded.
type Server struct {
	namespaces []string
	server     *temporaltest.TestServer
	relay      *Relay
	// Address stays the same over restarts.
	Address string
}

// Start returns when the server answers in every namespace.
func Start(ctx context.Context, namespaces []string) (*Server, error) {
	relay, err := NewRelay()
	if err != nil {
		return nil, err
	}
	s := &Server{namespaces: namespaces, relay: relay, Address: relay.Address}
	return s, s.Up(ctx)
}

// Up starts a new server behind the address. What an earlier one knew is gone: its memory was its disk.
func (s *Server) Up(ctx context.Context) error {
	s.server = temporaltest.NewServer()
	address := s.server.GetFrontendHostPort()
	if err := register(ctx, address, s.namespaces); err != nil {
		return err
	}
	s.relay.Point(address)
	return nil
}

// Down cuts every connection and stops the server.
func (s *Server) Down() {
	s.relay.Point("")
	s.server.Stop()
}

// Close ends all.
func (s *Server) Close() {
	s.relay.Close()
	s.server.Stop()
}

func register(ctx context.Context, address string, namespaces []string) error {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	client := workflowservice.NewWorkflowServiceClient(connection)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, namespace := range namespaces {
		_, err := client.RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
			Namespace: namespace, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
		})
		if err != nil {
			return fmt.Errorf("register %s: %w", namespace, err)
		}
	}
	// The services learn of a namespace by refreshing what they remember.
	for _, namespace := range namespaces {
		for {
			_, err := client.ListOpenWorkflowExecutions(ctx, &workflowservice.ListOpenWorkflowExecutionsRequest{Namespace: namespace, MaximumPageSize: 1})
			if err == nil {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("the server does not know %s: %w", namespace, err)
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
	return nil
}
