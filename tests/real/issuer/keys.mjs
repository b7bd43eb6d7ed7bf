// The private keys of the provider: a JWK Set in a file, so that they outlive it. Of each algorithm the first key signs.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const KINDS = { RS256: ['rsa', { modulusLength: 2048 }], ES256: ['ec', { namedCurve: 'P-256' }] };

export class KeyFile {
  #file;

  constructor(file) {
    this.#file = file;
    if (existsSync(file)) {
      this.keys = JSON.parse(readFileSync(file, 'utf8')).keys;
    } else {
      this.#keep([generate('RS256'), generate('ES256')]);
    }
  }

  // The kid of the key that signs.
  signer(alg) {
    return this.keys.find((key) => key.alg === alg)?.kid;
  }

  add(alg) {
    const key = generate(alg);
    this.#keep([...this.keys, key]);
    return key.kid;
  }

  sign(kid) {
    const key = this.#get(kid);
    this.#keep([key, ...this.keys.filter((other) => other !== key)]);
    return kid;
  }

  remove(kid) {
    const key = this.#get(kid);
    this.#keep(this.keys.filter((other) => other !== key));
    return kid;
  }

  #get(kid) {
    const key = this.keys.find((one) => one.kid === kid);
    if (!key) throw new Error(`no key ${kid}`);
    return key;
  }

  #keep(keys) {
    this.keys = keys;
    writeFileSync(this.#file, JSON.stringify({ keys }), { mode: 0o600 });
  }
}

function generate(alg) {
  if (!Object.hasOwn(KINDS, alg)) throw new Error(`no algorithm ${alg}`);
  const { privateKey } = generateKeyPairSync(...KINDS[alg]);
  return { ...privateKey.export({ format: 'jwk' }), kid: `${alg}-${randomUUID()}`, alg, use: 'sig' };
}
