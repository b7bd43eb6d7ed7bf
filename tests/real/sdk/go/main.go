// Program sdk-go works through the gateway as users of Temporal's Go SDK do. Its one argument is the path of world.json; it prints
// a line a check.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"time"
)

// Every check but the idle one ends within this, whatever happens.
const bound = 60 * time.Second

var checks = []check{
	{"idle-minute", bound + idle, idleMinute},
	{"workflow", bound, wholeWorkflow},
	{"cancel", bound, cancelled},
	{"schedule", bound, scheduled},
	{"list-and-history", bound, listAndHistory},
	{"reader-refused", bound, readerRefused},
	{"other-namespace-refused", bound, otherNamespaceRefused},
	{"no-token-refused", bound, noTokenRefused},
	{"expired-token-refused", bound, expiredTokenRefused},
	{"tls", bound, overTLS},
	{"tls-wrong-ca", bound, wrongCA},
	{"mtls", bound, overMTLS},
	{"mtls-no-certificate", bound, noCertificate},
	{"mtls-unmapped-certificate", bound, unmappedCertificate},
	{"token-renewed", bound, tokenRenewed},
	{"token-expires-in-poll", bound, tokenExpiresInPoll},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: sdk-go WORLD.json")
		os.Exit(2)
	}
	w, err := readWorld(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	printVersions("go.temporal.io/sdk", "go.temporal.io/api", "google.golang.org/grpc")
	if !runAll(context.Background(), w, checks) {
		os.Exit(1)
	}
}

// printVersions says what this binary was really built from.
func printVersions(modules ...string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return
	}
	for _, module := range modules {
		for _, dependency := range info.Deps {
			if dependency.Path == module {
				fmt.Println("version", module, dependency.Version)
			}
		}
	}
}
