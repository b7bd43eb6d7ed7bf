// What the provider issues: access tokens as JWTs, by the client-credentials grant.

import Provider, { errors } from 'oidc-provider';

export const JWKS_PATH = '/keys';

// The clients, and what each may do: `namespace:role`.
const PERMISSIONS = { reader: ['other:read'], writer: ['other:write'] };

// A resource server is named `urn:AUDIENCE:ALG`: whom a token is for, and how it is signed.
const RESOURCE = /^urn:([a-z]+):(RS256|ES256)$/;
const TOKEN_SECONDS = 600;

export function provider(issuer, keys, secret) {
  return new Provider(issuer, {
    clients: Object.keys(PERMISSIONS).map((client) => ({
      client_id: client,
      client_secret: secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    extraTokenClaims: (_, token) => ({ permissions: PERMISSIONS[token.clientId] }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => resourceServer(resource, keys),
      },
    },
    jwks: { keys: keys.keys },
    routes: { jwks: JWKS_PATH },
    ttl: { ClientCredentials: TOKEN_SECONDS },
  });
}

function resourceServer(resource, keys) {
  const [, audience, alg] = RESOURCE.exec(resource) ?? [];
  if (!audience) throw new errors.InvalidTarget();
  return {
    scope: '',
    audience,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg, kid: keys.signer(alg) } },
  };
}
