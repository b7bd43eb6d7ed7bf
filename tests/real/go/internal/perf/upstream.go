package perf

import (
	"context"
	"net"
	"sync/atomic"

	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"real/internal/pki"
)

// upstream answers StartWorkflowExecution with an empty message, on a plaintext port and on one with TLS, and counts. A poll is held
// until it is let go.
type upstream struct {
	workflowservice.UnimplementedWorkflowServiceServer
	seen       atomic.Int64
	polls      atomic.Int64
	letGo      chan struct{} // one value for each poll
	plain, tls string
	servers    []*grpc.Server
}

// StartWorkflowExecution counts.
func (u *upstream) StartWorkflowExecution(
	context.Context, *workflowservice.StartWorkflowExecutionRequest,
) (*workflowservice.StartWorkflowExecutionResponse, error) {
	u.seen.Add(1)
	return &workflowservice.StartWorkflowExecutionResponse{}, nil
}

// PollWorkflowTaskQueue counts, and has no task when it is let go.
func (u *upstream) PollWorkflowTaskQueue(
	ctx context.Context, _ *workflowservice.PollWorkflowTaskQueueRequest,
) (*workflowservice.PollWorkflowTaskQueueResponse, error) {
	u.polls.Add(1)
	select {
	case <-u.letGo:
		return &workflowservice.PollWorkflowTaskQueueResponse{}, nil
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	}
}

func startUpstream(certificate pki.Pair) (*upstream, error) {
	secure, err := credentials.NewServerTLSFromFile(certificate.Cert, certificate.Key)
	if err != nil {
		return nil, err
	}
	u := &upstream{letGo: make(chan struct{})}
	if u.plain, err = u.serve(); err != nil {
		return nil, err
	}
	u.tls, err = u.serve(grpc.Creds(secure))
	return u, err
}

func (u *upstream) serve(options ...grpc.ServerOption) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := grpc.NewServer(options...)
	workflowservice.RegisterWorkflowServiceServer(server, u)
	go func() { _ = server.Serve(listener) }()
	u.servers = append(u.servers, server)
	return listener.Addr().String(), nil
}

func (u *upstream) stop() {
	for _, server := range u.servers {
		server.Stop()
	}
}
