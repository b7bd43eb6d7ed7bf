package wire

import (
	"fmt"
	"time"
)

func watch(c *testCase, what string) func() {
	t := time.AfterFunc(3*time.Second, func() { fmt.Println("SLOW", what, c) })
	return func() { t.Stop() }
}
