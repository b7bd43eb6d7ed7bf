package server

import (
	"net"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/rpc/interceptor"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // requests may be compressed
)

// Dynamic is the dynamic settings that concern authorization.
type Dynamic struct {
	CrossNamespaceCommands, ExposeErrors, StreamsUnjudged, Propagate bool
	// PropagateIn overrides Propagate for some namespaces.
	PropagateIn map[string]bool
}

// Propagates says whether handlers are told the principal of calls in this namespace.
func (d Dynamic) Propagates(namespace string) bool {
	if propagates, found := d.PropagateIn[namespace]; found {
		return propagates
	}
	return d.Propagate
}

// Server is one that listens.
type Server struct {
	Address string
	grpc    *grpc.Server
}

// Stop ends it at once.
func (s *Server) Stop() { s.grpc.Stop() }

// Reference is Temporal's chain around the handlers, as its frontend has it up to and including authorization.
func Reference(
	settings config.Authorization, mapper authorization.ClaimMapper, authorizer authorization.Authorizer, dynamic Dynamic,
) (*Server, error) {
	judge := authorization.NewInterceptor(
		mapper, authorizer, metrics.NoopMetricsHandler, log.NewNoopLogger(), registry{},
		authorization.NewAudienceMapper(settings.Audience), settings.AuthHeaderName, settings.AuthExtraHeaderName,
		dynamicconfig.GetBoolPropertyFn(dynamic.ExposeErrors),
		dynamicconfig.GetBoolPropertyFn(dynamic.CrossNamespaceCommands),
		dynamic.Propagates,
		dynamicconfig.GetBoolPropertyFn(dynamic.StreamsUnjudged),
	)
	return start(settings, append(chain(), judge.Intercept), grpc.ChainStreamInterceptor(judge.InterceptStream))
}

// Handlers is the chain without authorization: what stands behind a gateway.
func Handlers(settings config.Authorization) (*Server, error) {
	return start(settings, chain())
}

// chain is what a frontend has around its authorization, of what can answer a call by itself.
func chain() []grpc.UnaryServerInterceptor {
	const maxMessageLength, maxNamespaceLength = 4000, 1000
	logger := log.NewNoopLogger()
	mask := dynamicconfig.GetBoolPropertyFnFilteredByNamespace(true)
	validator := interceptor.NewNamespaceValidatorInterceptor(
		registry{}, dynamicconfig.GetBoolPropertyFn(true), dynamicconfig.GetIntPropertyFn(maxNamespaceLength), nil,
	)
	errors := interceptor.NewServiceErrorInterceptor(
		dynamicconfig.GetIntPropertyFn(maxMessageLength), metrics.NoopMetricsHandler, logger,
	)
	return []grpc.UnaryServerInterceptor{
		interceptor.NewMaskInternalErrorDetailsInterceptor(mask, registry{}, logger).Intercept,
		errors.Intercept,
		interceptor.NewFrontendServiceErrorInterceptor(logger),
		validator.NamespaceValidateIntercept,
	}
}

func start(settings config.Authorization, unary []grpc.UnaryServerInterceptor, more ...grpc.ServerOption) (*Server, error) {
	server := grpc.NewServer(append(more, grpc.ChainUnaryInterceptor(unary...))...)
	credentials := []string{"authorization", "authorization-extras"}
	if settings.AuthHeaderName != "" {
		credentials[0] = settings.AuthHeaderName
	}
	if settings.AuthExtraHeaderName != "" {
		credentials[1] = settings.AuthExtraHeaderName
	}
	if err := register(server, credentials); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() { _ = server.Serve(listener) }()
	return &Server{Address: listener.Addr().String(), grpc: server}, nil
}
