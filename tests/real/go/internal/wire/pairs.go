package wire

import (
	"go.temporal.io/server/common/config"

	"real/internal/wire/server"
)

// pairs are the settings that are compared, each with servers of its own.
func pairs() []*pair {
	colon := func(namespace, role string) string { return namespace + ":" + role }
	return []*pair{
		{
			name: "plain", permission: colon,
			dynamic: server.Dynamic{Propagate: true},
		},
		{
			name:       "custom",
			permission: func(namespace, role string) string { return "may " + role + " in " + namespace },
			settings: config.Authorization{
				PermissionsClaimName: "grants", PermissionsRegex: `may (?P<role>\w+) in (?P<namespace>.*)`,
				AuthHeaderName: "x-token", AuthExtraHeaderName: "x-more", Audience: "temporal",
			},
			dynamic: server.Dynamic{CrossNamespaceCommands: true, PropagateIn: map[string]bool{"default": true}},
		},
		{
			name: "always", permission: colon, always: true,
			dynamic: server.Dynamic{
				StreamsUnjudged: true, ExposeErrors: true, Propagate: true, PropagateIn: map[string]bool{"other": false},
			},
		},
	}
}
