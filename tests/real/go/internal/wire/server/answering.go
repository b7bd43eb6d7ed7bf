package server

import (
	"context"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/server/common/authorization"
	rpc "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Answering is a claim mapper and an authorizer in one that answer as the extra header tells them. The extra header is
//
//	mapper-error | mapper-panic | panic | error:TEXT | status:CODE:HEX of a google.rpc.Status, or nothing:MESSAGE
//	deny | deny:REASON | allow | allow-as:TYPE:NAME | system:MASK (the default authorizer, over claims with that role)
//
// and a caller without claims is denied.
type Answering struct{}

// GetClaims puts the extra header into the claims.
func (Answering) GetClaims(info *authorization.AuthInfo) (*authorization.Claims, error) {
	claims := &authorization.Claims{AuthType: "test", Subject: "somebody", Extensions: info.ExtraData}
	switch kind, text, _ := strings.Cut(info.ExtraData, ":"); kind {
	case "mapper-error":
		return nil, errors.New("the mapper was told to fail")
	case "mapper-panic":
		panic("the mapper was told to panic")
	case "system":
		mask, err := strconv.Atoi(text)
		claims.System = authorization.Role(mask)
		return claims, err
	}
	return claims, nil
}

// Authorize answers.
func (Answering) Authorize(
	ctx context.Context, claims *authorization.Claims, target *authorization.CallTarget,
) (authorization.Result, error) {
	deny := authorization.Result{Decision: authorization.DecisionDeny}
	allow := authorization.Result{Decision: authorization.DecisionAllow}
	if claims == nil {
		return deny, nil
	}
	answer, _ := claims.Extensions.(string)
	kind, text, _ := strings.Cut(answer, ":")
	switch kind {
	case "panic":
		panic("the authorizer was told to panic")
	case "error":
		return deny, errors.New(text)
	case "status":
		return deny, statusError(text)
	case "allow":
		return allow, nil
	case "allow-as":
		principalType, name, _ := strings.Cut(text, ":")
		allow.Principal = &commonpb.Principal{Type: principalType, Name: name}
		return allow, nil
	case "system":
		return authorization.NewDefaultAuthorizer().Authorize(ctx, claims, target)
	default:
		deny.Reason = text
		return deny, nil
	}
}

func statusError(text string) error {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) != 3 {
		return errors.New("no status")
	}
	code, err := strconv.Atoi(parts[0])
	if err != nil {
		return err
	}
	encoded, err := hex.DecodeString(parts[1])
	if err != nil {
		return err
	}
	message := &rpc.Status{Code: int32(code), Message: parts[2]}
	if err := (proto.UnmarshalOptions{Merge: true}).Unmarshal(encoded, message); err != nil {
		return err
	}
	return serviceerror.FromStatus(status.FromProto(message))
}
