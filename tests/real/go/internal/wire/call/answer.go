package call

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	rpc "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	_ "go.temporal.io/api/errordetails/v1" // so that details are shown by name
)

// Saw is the response header in which a handler says that it ran and what it saw: fields NAME=HEX,HEX… with a space
// between them, of which there are type, name, token and request.
const Saw = "x-test-saw"

// Answer is what a caller learns from one call, and what the handler told of itself. It is comparable.
type Answer struct {
	// HTTP is the status of HTTP when it is not 200.
	HTTP    int
	Code    int
	Message string
	// Details is the google.rpc.Status of the call, as JSON; empty when there is none.
	Details string
	// Reply is what came as messages: nothing, or "empty" for one empty message.
	Reply string
	// Ran says whether the handler ran.
	Ran bool
	// PrincipalTypes and PrincipalNames are all values of the two principal headers that the handler saw, quoted.
	PrincipalTypes, PrincipalNames string
	// Credentials is how many credential headers the handler saw.
	Credentials int
	// Request identifies the message that the handler decoded.
	Request string
	// Failure says that there was no gRPC answer at all.
	Failure string
}

func (a Answer) String() string {
	if a.Failure != "" {
		return "no answer: " + a.Failure
	}
	text := fmt.Sprintf("%d %q", a.Code, a.Message)
	if a.HTTP != 0 {
		text = fmt.Sprintf("HTTP %d, %s", a.HTTP, text)
	}
	if a.Details != "" {
		text += " details " + a.Details
	}
	if a.Reply != "" {
		text += " reply " + a.Reply
	}
	if !a.Ran {
		return text + ", not handled"
	}
	return text + fmt.Sprintf(", handled: principal types [%s] names [%s], %d credentials, request %s",
		a.PrincipalTypes, a.PrincipalNames, a.Credentials, a.Request)
}

func read(response *http.Response, body []byte) Answer {
	headers := response.Header
	if headers.Get("Grpc-Status") == "" {
		headers = response.Trailer
	}
	code, err := strconv.Atoi(headers.Get("Grpc-Status"))
	if err != nil {
		return Answer{Failure: fmt.Sprintf("HTTP %d, grpc-status %q", response.StatusCode, headers.Get("Grpc-Status"))}
	}
	answer := Answer{Code: code, Details: details(headers), Reply: reply(body, response.Header.Get("Grpc-Encoding"))}
	if response.StatusCode != http.StatusOK {
		answer.HTTP = response.StatusCode
	}
	if answer.Message, err = url.PathUnescape(headers.Get("Grpc-Message")); err != nil {
		answer.Message = headers.Get("Grpc-Message")
	}
	answer.saw(response.Header.Get(Saw))
	return answer
}

func details(headers http.Header) string {
	text := headers.Get("Grpc-Status-Details-Bin")
	if text == "" {
		return ""
	}
	encoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return "no base64: " + text
	}
	status := &rpc.Status{}
	if err := proto.Unmarshal(encoded, status); err != nil {
		return "no google.rpc.Status: " + text
	}
	shown, err := protojson.Marshal(status)
	if err != nil {
		return text
	}
	// protojson adds a space at random, so that nobody compares its text.
	return strings.ReplaceAll(string(shown), " ", "")
}

func (a *Answer) saw(text string) {
	for _, field := range strings.Fields(text) {
		a.Ran = true
		name, values, _ := strings.Cut(field, "=")
		shown := []string{}
		for _, value := range strings.Split(values, ",") {
			if text, err := hex.DecodeString(value); err == nil && value != "" {
				shown = append(shown, strconv.QuoteToASCII(string(text)))
			}
		}
		switch name {
		case "type":
			a.PrincipalTypes = strings.Join(shown, " ")
		case "name":
			a.PrincipalNames = strings.Join(shown, " ")
		case "token":
			a.Credentials = len(shown)
		case "request":
			a.Request = values
		}
	}
}
