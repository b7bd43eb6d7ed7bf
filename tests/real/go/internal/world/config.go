package world

import (
	"fmt"
	"strings"
)

// TokenConfig is a gateway's configuration for callers with tokens of the world's issuer; more is added under `global`.
func (w *World) TokenConfig(global string) string {
	return fmt.Sprintf(`global:
  authorization:
    jwtKeyProvider:
      keySourceURIs: ["file://%s"]
      refreshInterval: 1m
    permissionsClaimName: permissions
    authorizer: default
    claimMapper: default
%s`, w.Issuer.JWKS, global)
}

// serverTLS is the section for the listener's certificate, with or without a demand for the caller's.
func (w *World) serverTLS(clients bool) string {
	tls := fmt.Sprintf(`  tls:
    refreshInterval: 1s
    frontend:
      server:
        certFile: %[1]s/server.pem
        keyFile: %[1]s/server-key.pem
`, w.Dir)
	if clients {
		tls += fmt.Sprintf("        requireClientAuth: true\n        clientCaFiles: [%s]\n", w.CA.File)
	}
	return tls
}

// certificateConfig is for callers whose certificate is their credential. The client part of tls is the gateway's own way to the
// server, which is plaintext.
func (w *World) certificateConfig() string {
	var permissions []string
	for _, namespace := range w.Page.Namespaces {
		if namespace != "other" {
			permissions = append(permissions, fmt.Sprintf("%q", namespace+":write"))
		}
	}
	return fmt.Sprintf(`global:
  authorization:
    authorizer: default
    claimMapper: default
%sgateway:
  authorization:
    mode: certificate
    certificates:
      - match: { subject: { CN: worker, O: real } }
        permissions: [%s]
`, w.serverTLS(true), strings.Join(permissions, ", "))
}
