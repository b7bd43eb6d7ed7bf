// Program sdk-cli works through the gateway with the `temporal` command. Its arguments are the path of that command and the
// path of world.json; it prints a line a check.
package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
)

var checks = []check{
	{"workflow", workflow},
	{"schedule", schedule},
	{"list-and-history", listAndHistory},
	{"reader-refused", readerRefused},
	{"other-namespace-refused", otherNamespaceRefused},
	{"no-token-refused", noTokenRefused},
	{"expired-token-refused", expiredTokenRefused},
	{"tls", overTLS},
	{"tls-wrong-ca", wrongCA},
	{"mtls", overMTLS},
	{"mtls-no-certificate", noCertificate},
	{"mtls-unmapped-certificate", unmappedCertificate},
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: sdk-cli TEMPORAL WORLD.json")
		os.Exit(2)
	}
	held, err := run(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if !held {
		os.Exit(1)
	}
}

func run(command, page string) (held bool, err error) {
	w, err := readWorld(page)
	if err != nil {
		return false, err
	}
	home, err := os.MkdirTemp("", "sdk-cli-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(home)
	w.command, w.home = command, home
	if err := printVersion(w.command, "github.com/temporalio/cli"); err != nil {
		return false, err
	}
	return runAll(context.Background(), w, checks), nil
}

// printVersion says what the command was really built from.
func printVersion(command, module string) error {
	info, err := buildinfo.ReadFile(command)
	if err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	for _, dependency := range append(info.Deps, &info.Main) {
		if dependency.Path == module {
			fmt.Println("version", module, dependency.Version)
		}
	}
	return nil
}
