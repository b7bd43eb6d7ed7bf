package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"real/internal/wire/call"
)

// register adds every method of every service. All of them do the same: answer an empty message and tell what they saw.
func register(server *grpc.Server, credentials []string) error {
	for _, name := range Services {
		found, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
		if err != nil {
			return err
		}
		service := &grpc.ServiceDesc{ServiceName: string(name), HandlerType: (*any)(nil)}
		rows := found.(protoreflect.ServiceDescriptor).Methods()
		for i := range rows.Len() {
			row := rows.Get(i)
			handler, err := newHandler(row, credentials)
			if err != nil {
				return err
			}
			if row.IsStreamingClient() || row.IsStreamingServer() {
				service.Streams = append(service.Streams, grpc.StreamDesc{
					StreamName: string(row.Name()), Handler: handler.stream, ServerStreams: true, ClientStreams: true,
				})
			} else {
				service.Methods = append(service.Methods, grpc.MethodDesc{MethodName: string(row.Name()), Handler: handler.unary})
			}
		}
		server.RegisterService(service, nil)
	}
	return nil
}

// handler is a method whose messages have their generated types: Temporal's interceptors look for methods of theirs.
type handler struct {
	path          string
	input, output protoreflect.MessageType
	credentials   []string
}

func newHandler(row protoreflect.MethodDescriptor, credentials []string) (*handler, error) {
	input, err := protoregistry.GlobalTypes.FindMessageByName(row.Input().FullName())
	if err != nil {
		return nil, err
	}
	output, err := protoregistry.GlobalTypes.FindMessageByName(row.Output().FullName())
	path := "/" + string(row.Parent().FullName()) + "/" + string(row.Name())
	return &handler{path: path, input: input, output: output, credentials: credentials}, err
}

func (h *handler) unary(_ any, ctx context.Context, decode func(any) error, around grpc.UnaryServerInterceptor) (any, error) {
	request := h.input.New().Interface()
	if err := decode(request); err != nil {
		return nil, err
	}
	answer := func(ctx context.Context, request any) (any, error) {
		message, _ := request.(proto.Message)
		return h.output.New().Interface(), grpc.SetHeader(ctx, h.saw(ctx, message))
	}
	if around == nil {
		return answer(ctx, request)
	}
	return around(ctx, request, &grpc.UnaryServerInfo{FullMethod: h.path}, answer)
}

// stream tells what it saw at the handshake, and answers when the first message, or the end, is there.
func (h *handler) stream(_ any, stream grpc.ServerStream) error {
	if err := stream.SendHeader(h.saw(stream.Context(), nil)); err != nil {
		return err
	}
	if err := stream.RecvMsg(h.input.New().Interface()); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return stream.SendMsg(h.output.New().Interface())
}

func (h *handler) saw(ctx context.Context, request proto.Message) metadata.MD {
	received, _ := metadata.FromIncomingContext(ctx)
	var credentials []string
	for _, name := range h.credentials {
		credentials = append(credentials, received.Get(name)...)
	}
	fields := []string{
		"type=" + hexes(received.Get("temporal-principal-type")),
		"name=" + hexes(received.Get("temporal-principal-name")),
		"token=" + hexes(credentials),
	}
	if request != nil {
		encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(request)
		if err != nil {
			encoded = []byte(err.Error())
		}
		digest := sha256.Sum256(encoded)
		fields = append(fields, "request="+hex.EncodeToString(digest[:6]))
	}
	return metadata.Pairs(call.Saw, strings.Join(fields, " "))
}

func hexes(values []string) string {
	encoded := make([]string, len(values))
	for i, value := range values {
		encoded[i] = hex.EncodeToString([]byte(value))
	}
	return strings.Join(encoded, ",")
}
