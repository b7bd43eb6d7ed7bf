// A real OpenID provider on the loopback interface.
//
//   node server.mjs PORT KEYS [ISSUER]
//
// PORT 0 is a free one. KEYS is the file of its private keys: read if it is there, else made, with a key for RS256 and one for ES256.
// ISSUER is its name when callers are to know it by another address than its own. The secret of its clients is in CLIENT_SECRET.
// It prints `version PACKAGE VERSION`, then `listening PORT`, and runs until SIGTERM.
//
// Beside the provider's own pages there are those of its operator:
//
//   GET  /control/fetches         {"discovery": n, "jwks": n}: how often these were asked for
//   POST /control/add?alg=ES256   makes a key and publishes it, without signing with it; answers with its kid
//   POST /control/sign?kid=…      signs with this key from now on
//   POST /control/remove?kid=…    forgets this key

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { KeyFile } from './keys.mjs';
import { JWKS_PATH, provider } from './provider.mjs';

const [port = '0', file, name] = process.argv.slice(2);
const secret = process.env.CLIENT_SECRET;
if (!file || !secret) {
  console.error('usage: CLIENT_SECRET=… node server.mjs PORT KEYS [ISSUER]');
  process.exit(2);
}

const keys = new KeyFile(file);
const fetches = { discovery: 0, jwks: 0 };
const pages = { '/.well-known/openid-configuration': 'discovery', [JWKS_PATH]: 'jwks' };
let issuer;
let answer;

// A provider reads its keys when it is made, so other keys mean another provider behind the same port.
function renew() {
  answer = provider(issuer, keys, secret).callback();
}

const control = {
  'GET /control/fetches': () => JSON.stringify(fetches),
  'POST /control/add': (query) => keys.add(query.get('alg')),
  'POST /control/sign': (query) => keys.sign(query.get('kid')),
  'POST /control/remove': (query) => keys.remove(query.get('kid')),
};

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const page = pages[url.pathname];
  if (page) fetches[page] += 1;
  const command = control[`${request.method} ${url.pathname}`];
  if (!command) {
    answer(request, response);
    return;
  }
  try {
    const text = command(url.searchParams);
    if (request.method === 'POST') renew();
    response.end(text);
  } catch (error) {
    response.writeHead(400).end(error.message);
  }
});

process.on('SIGTERM', () => process.exit(0));
server.listen(Number(port), '127.0.0.1', () => {
  const bound = server.address().port;
  issuer = name ?? `http://127.0.0.1:${bound}`;
  renew();
  const installed = new URL('node_modules/oidc-provider/package.json', import.meta.url);
  console.log(`version oidc-provider ${JSON.parse(readFileSync(installed, 'utf8')).version}`);
  console.log(`listening ${bound}`);
});
