package wire

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	errordetails "go.temporal.io/api/errordetails/v1"
	"go.temporal.io/server/common/config"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"

	"real/internal/process"
	"real/internal/wire/call"
	"real/internal/wire/request"
	"real/internal/wire/server"
)

// answers compares what becomes of each answer that an authorizer can give.
func (d *differ) answers(ctx context.Context, o Options, methods []*server.Method) (*result, error) {
	var all []*pair
	for _, expose := range []bool{false, true} {
		pair := &pair{name: "answers", answering: true, methods: byPath(methods)}
		if expose {
			pair.name = "answers, exposed"
		}
		pair.dynamic = server.Dynamic{ExposeErrors: expose, Propagate: true}
		defer pair.stop()
		if err := pair.startAnswering(ctx, o); err != nil {
			return nil, err
		}
		all = append(all, pair)
	}
	return d.run(ctx, func(each func(*testCase)) {
		for _, pair := range all {
			pair.answerCases(each)
		}
	}), nil
}

func (p *pair) startAnswering(ctx context.Context, o Options) error {
	reference, err := server.Reference(config.Authorization{}, server.Answering{}, server.Answering{}, p.dynamic)
	if err != nil {
		return err
	}
	p.stops = append(p.stops, reference.Stop)
	p.reference = p.client(reference.Address)
	log, err := os.Create(filepath.Join(o.Dir, p.name+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	program := exec.CommandContext(ctx, o.Answering)
	if p.dynamic.ExposeErrors {
		program.Args = append(program.Args, "--expose-errors")
	}
	program.Stderr, program.SysProcAttr, program.WaitDelay = log, process.Group(), time.Second
	out, err := program.StdoutPipe()
	if err != nil {
		return err
	}
	if err := program.Start(); err != nil {
		return err
	}
	p.stops = append(p.stops, func() {
		process.Kill(program.Process.Pid)
		_ = program.Wait() // it was killed
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	address, found := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if err != nil && err != io.EOF || !found {
		return fmt.Errorf("%s says %q: %w", o.Answering, line, err)
	}
	p.ours = p.client(address)
	return nil
}

// answerCases gives each answer to methods of each kind, with a token and without.
func (p *pair) answerCases(each func(*testCase)) {
	for _, path := range []string{
		workflowService + "DescribeNamespace", workflowService + "StartWorkflowExecution", workflowService + "ListNamespaces",
		workflowService + "GetSystemInfo", "/temporal.api.operatorservice.v1.OperatorService/DeleteNamespace",
		"/grpc.health.v1.Health/Check", adminUnary, adminStream,
	} {
		method := p.methods[path]
		messages := []named{{"empty", nil}}
		if method.Namespace != nil {
			messages = append(messages, named{"namespace default", request.Text(method.Namespace.Number(), "default")})
		}
		for _, answer := range possible() {
			// A panic on a stream would end the reference.
			if method.Streaming && strings.HasSuffix(answer, "panic") {
				continue
			}
			for _, token := range []string{"", "any"} {
				for _, message := range messages {
					who := &caller{name: answer, headers: []call.Header{{Name: "authorization-extras", Value: answer}}}
					if token != "" {
						who.headers = append(who.headers, call.Header{Name: "authorization", Value: token})
					}
					c := p.newCase(path, method, who, message.name, message.message, plain)
					each(c)
					forged := *c
					forged.more = forgedPrincipal
					each(&forged)
				}
			}
		}
	}
}

const (
	adminStream = "/temporal.server.api.adminservice.v1.AdminService/StreamWorkflowReplicationMessages"
	adminUnary  = "/temporal.server.api.adminservice.v1.AdminService/DescribeCluster"
)

// possible are the answers.
func possible() []string {
	answers := []string{
		"mapper-error", "mapper-panic", "panic", "error:a failure of its own", "error:", "error:100% \"odd\" \\ text",
		"deny", "deny:not on Sundays", "deny:100% \"odd\" text", "allow",
		"allow-as:jwt:alice", "allow-as::alice", "allow-as:jwt:", "allow-as::", "allow-as:jwt: a  b ", "allow-as:jwt:a:b",
		"system:0", "system:1", "system:2", "system:4", "system:8", "system:15", "system:16", "system:24", "system:256",
	}
	reason := &errordetails.PermissionDeniedFailure{Reason: "on Sundays"}
	cause := &errordetails.ResourceExhaustedFailure{Cause: 1, Scope: 1}
	for code := codes.Canceled; code <= codes.Unauthenticated; code++ {
		answers = append(answers, answerStatus(code, "in its own words"))
	}
	return append(answers,
		answerStatus(codes.PermissionDenied, "go away", reason), answerStatus(codes.ResourceExhausted, "busy", cause),
		answerStatus(codes.NotFound, "nothing here", &errordetails.NotFoundFailure{CurrentCluster: "a", ActiveCluster: "b"}),
		answerStatus(codes.InvalidArgument, ""), answerStatus(codes.Unavailable, "two details", reason, cause),
	)
}

// answerStatus has the authorizer fail with this status.
func answerStatus(code codes.Code, message string, details ...protoadapt.MessageV1) string {
	var encoded []byte
	if detailed, err := status.New(code, message).WithDetails(details...); err == nil && len(details) > 0 {
		// A status that is made of nothing but good messages is encoded.
		encoded, _ = proto.Marshal(detailed.Proto())
	}
	return fmt.Sprintf("status:%d:%s:%s", code, hex.EncodeToString(encoded), message)
}
