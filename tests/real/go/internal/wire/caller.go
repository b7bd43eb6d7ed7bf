package wire

import (
	"go.temporal.io/server/common/authorization"

	"real/internal/wire/call"
)

// caller is somebody who calls the servers of one pair.
type caller struct {
	name string
	// headers are its credentials.
	headers []call.Header
	// claims are what the reference sees in them; nil for nobody, and when they are bad.
	claims *authorization.Claims
	// bad says that the reference refuses the credentials.
	bad bool
	// quirk names the deliberate difference that these credentials are about, and taken is whom our side takes the caller
	// for because of it.
	quirk string
	taken *caller
}

// bearer is a caller with one token header of this value.
func (p *pair) bearer(name, header string) *caller {
	claims, err := p.claims(header)
	return &caller{
		name: name, headers: []call.Header{{Name: p.tokenHeader(), Value: header}}, claims: claims, bad: err != nil,
	}
}

// refused is a caller of whom our side refuses the credentials for a named difference.
func (p *pair) refused(quirk, name, header string) *caller {
	caller := p.bearer(name, header)
	caller.quirk, caller.taken = quirk, p.bearer("garbage", "Bearer garbage")
	return caller
}

// hasRole says whether the caller has any role anywhere.
func (c *caller) hasRole() bool {
	if c.claims == nil {
		return false
	}
	for _, role := range c.claims.Namespaces {
		if role != authorization.RoleUndefined {
			return true
		}
	}
	return c.claims.System != authorization.RoleUndefined
}
