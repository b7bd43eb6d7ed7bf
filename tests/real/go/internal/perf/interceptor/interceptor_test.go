// Package interceptor_test has what Temporal's own interceptor costs, for the request that the layers are measured with.
//
//	go test -bench . ./internal/perf/interceptor
package interceptor_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/namespace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"real/internal/perf"
	"real/internal/token"
)

// everywhere knows every namespace.
type everywhere struct{}

func (everywhere) Exists(namespace.Name) error { return nil }

func BenchmarkRS256(b *testing.B) { bench(b, token.NewIssuer) }

func BenchmarkES256(b *testing.B) { bench(b, token.NewES256Issuer) }

func bench(b *testing.B, newIssuer func(dir string) (*token.Issuer, error)) {
	issuer, err := newIssuer(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	request, err := perf.Request(2 << 10)
	if err != nil {
		b.Fatal(err)
	}
	judge := newInterceptor(b, issuer.JWKS)
	handled := 0
	handler := func(context.Context, any) (any, error) {
		handled++
		return &workflowservice.StartWorkflowExecutionResponse{}, nil
	}
	call := func(token string) error {
		ctx := metadata.NewIncomingContext(context.Background(), metadata.Pairs(
			"authorization", "Bearer "+token, "content-type", "application/grpc", "te", "trailers",
		))
		_, err := judge(ctx, request, &grpc.UnaryServerInfo{FullMethod: perf.Method}, handler)
		return err
	}
	if call(issuer.Token("worker", -time.Hour, perf.Permission)) == nil || handled != 0 {
		b.Fatal("a token that has expired was taken")
	}
	good := issuer.Token("worker", 24*time.Hour, perf.Permission)
	b.ReportAllocs()
	before := spent(b)
	for b.Loop() {
		if err := call(good); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(spent(b)-before)/float64(b.N), "cpu-ns/op")
	if handled != b.N {
		b.Fatalf("%d of %d calls were handled", handled, b.N)
	}
}

func newInterceptor(b *testing.B, jwks string) grpc.UnaryServerInterceptor {
	settings := &config.Authorization{Authorizer: "default", ClaimMapper: "default"}
	settings.JWTKeyProvider.KeySourceURIs = []string{"file://" + jwks}
	mapper, err := authorization.GetClaimMapperFromConfig(settings, log.NewNoopLogger())
	if err != nil {
		b.Fatal(err)
	}
	authorizer, err := authorization.GetAuthorizerFromConfig(settings)
	if err != nil {
		b.Fatal(err)
	}
	yes := dynamicconfig.GetBoolPropertyFn(true)
	return authorization.NewInterceptor(
		mapper, authorizer, metrics.NoopMetricsHandler, log.NewNoopLogger(), everywhere{}, authorization.NewAudienceMapper(""), "", "",
		dynamicconfig.GetBoolPropertyFn(false), yes, dynamicconfig.GetBoolPropertyFnFilteredByNamespace(false), yes,
	).Intercept
}

// spent is the CPU time of this process: the garbage collector's is part of the cost.
func spent(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
