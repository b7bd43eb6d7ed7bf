package wire

import (
	"regexp"
	"strings"
)

var methodPath = regexp.MustCompile(`^/[A-Za-z0-9_.]+/[A-Za-z0-9_.]+$`)

func isMethodPath(path string) bool { return methodPath.MatchString(path) }

// query says whether there is a query behind a good path.
func (c *testCase) query() bool {
	path, _, found := strings.Cut(c.path, "?")
	return found && isMethodPath(path)
}

// withoutQuery is the same call by the path alone.
func (c *testCase) withoutQuery() *testCase {
	path, _, _ := strings.Cut(c.path, "?")
	return c.pair.newCase(path, c.pair.methods[path], c.caller, c.name, c.message, c.framing)
}
