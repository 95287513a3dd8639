// A relying party that checks what it gets as the specifications ask it to, and can be told to send anything.

import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { SignJWT, UnsecuredJWT, createLocalJWKSet, decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import { parameters } from './wire.mjs';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const made = new Map();

/** A key pair by name, made once: { alg, kid, privateKey, publicKey, jwk }. */
export async function keyPair(alg, kid = alg) {
  if (!made.has(kid)) {
    made.set(kid, generateKeyPair(alg, { extractable: true }).then(async pair => ({ alg, kid, ...pair, jwk: { ...await exportJWK(pair.publicKey), alg, kid, use: 'sig' } })));
  }
  return made.get(kid);
}

export const halfHash = (value, alg) => { const hash = createHash(`sha${alg.slice(2)}`).update(value).digest(); return hash.subarray(0, hash.length / 2).toString('base64url'); };
export const thumbprint = value => createHash('sha256').update(value).digest('base64url');
export const now = () => Math.floor(Date.now() / 1000);
export const sign = ({ alg, kid, privateKey }, claims, header = {}) => new SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'JWT', ...header }).sign(privateKey);
export const unsigned = claims => new UnsecuredJWT(claims).encode();

/** The set of random bits in a code that nobody may guess (RFC 6749 §10.10). */
export function assertCode(code) {
  assert.ok(code?.length >= 22, `a code of 128 bits at least: ${code}`);
  assert.ok(new Set(code).size >= 10, 'a code of many characters');
}

/** An error of the token endpoint or of one like it (RFC 6749 §5.2). */
export function assertError(answer, errors, statuses = [400, 401]) {
  assert.ok(statuses.includes(answer.status), `${answer.status} ${answer.text.slice(0, 300)}`);
  assert.match(answer.type, /^application\/json/);
  assert.ok([errors].flat().includes(answer.json.error), `${answer.json.error}: ${answer.json.error_description}`);
  assert.match(answer.json.error_description ?? '', /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/);
}

export class RelyingParty {
  /**
   * @param plan         where it is
   * @param metadata     its registration, as the server answered it
   * @param certificate  its client certificate for mutual TLS
   * @param keys         its signing keys, by what they are for: { assertion, request, dpop }
   */
  constructor(plan, metadata, { certificate, keys = {}, par = false, fixed = {} } = {}) {
    Object.assign(this, { plan, metadata, certificate, keys, par, fixed });
    this.id = metadata.client_id;
    this.redirectUri = metadata.redirect_uris[0];
  }

  /** Registers itself with the plan's server. */
  static async register(plan, metadata = {}, options) {
    const answer = await plan.wire.send(plan.discovery.registration_endpoint, {
      json: { client_name: 'Conformance', redirect_uris: [`${plan.application}/callback`], ...metadata }, headers: { authorization: `Bearer ${plan.initialAccess}` },
    });
    assert.equal(answer.status, 201, answer.text);
    return new RelyingParty(plan, answer.json, options);
  }

  endpoint(name) { return (this.certificate && this.plan.discovery.mtls_endpoint_aliases?.[name]) || this.plan.discovery[name]; }

  /** The parameters of an authorization request, with changes: undefined takes one out. */
  request(changes = {}) {
    return { client_id: this.id, redirect_uri: this.redirectUri, response_type: 'code', scope: 'openid', state: randomUUID(), nonce: randomUUID(), ...this.fixed, ...changes };
  }

  /** Asks the person at a browser; gives what came back and what was asked for. */
  async authorize(changes = {}, { browser = this.plan.browser(), ...person } = {}) {
    const asked = this.request(changes);
    const answer = await browser.authorize(`${this.plan.discovery.authorization_endpoint}?${parameters(asked)}`, person);
    return { ...answer, asked, browser };
  }

  /** As `authorize`, where the answer must be a good one. */
  async granted(changes, person) {
    const answer = await this.authorize(changes, person);
    assert.ok(answer.values, `the application is told: ${answer.page?.slice(0, 4000)}`);
    assert.equal(answer.values.error, undefined, `${answer.values.error}: ${answer.values.error_description}`);
    assert.equal(answer.values.state, answer.asked.state);
    assert.equal(answer.values.iss, this.plan.issuer);
    return answer;
  }

  /** Sends a form with the client's authentication; `assertion` changes the claims of its JWT, a text takes its place. */
  async post(url, form, { assertion = {}, header, certificate = this.certificate, headers = {}, ...more } = {}) {
    const basic = this.metadata.token_endpoint_auth_method === 'client_secret_basic';
    const proof = basic ? {} : await this.authentication(assertion, header);
    return this.plan.wire.send(url, {
      certificate, form: { ...proof, ...form }, ...more,
      headers: { ...(basic ? { authorization: `Basic ${Buffer.from(`${this.id}:${this.metadata.client_secret}`).toString('base64')}` } : {}), ...headers },
    });
  }

  /** The parameters by which the client says who it is. */
  async authentication(changes = {}, header) {
    switch (this.metadata.token_endpoint_auth_method) {
      case 'client_secret_post': return { client_id: this.id, client_secret: this.metadata.client_secret };
      case 'private_key_jwt': return { client_assertion_type: ASSERTION, client_assertion: typeof changes === 'string' ? changes : await sign(this.keys.assertion, this.assertion(changes), header) };
      default: return { client_id: this.id };
    }
  }

  /** The claims of a client assertion. */
  assertion(changes = {}) {
    return { iss: this.id, sub: this.id, aud: this.plan.issuer, jti: randomUUID(), iat: now(), exp: now() + 60, ...changes };
  }

  /** Exchanges a code. */
  async exchange({ values, asked, verifier }, form = {}, options = {}) {
    const url = this.endpoint('token_endpoint');
    const headers = { ...(this.keys.dpop ? { dpop: await this.proof('POST', url) } : {}), ...options.headers };
    return this.post(url, { grant_type: 'authorization_code', code: values.code, redirect_uri: asked.redirect_uri, code_verifier: verifier, ...form }, { ...options, headers });
  }

  /** Exchanges a code for tokens, which must come, and checks the ID token. */
  async tokens(answer, form) {
    const got = await this.exchange(answer, form);
    assert.equal(got.status, 200, got.text);
    assert.match(got.type, /^application\/json/);
    assert.match(got.headers['cache-control'], /no-store/);
    assert.match(got.json.token_type, this.keys.dpop ? /^DPoP$/ : /^bearer$/i);
    assert.ok(Number.isInteger(got.json.expires_in) && got.json.expires_in > 0);
    const claims = got.json.id_token && await this.idToken(got.json.id_token, { nonce: answer.asked.nonce, access_token: got.json.access_token });
    return { ...got.json, claims };
  }

  /** The server's keys. */
  async serverKeys() { return (await this.plan.wire.send(this.plan.discovery.jwks_uri)).json; }

  /** The claims of an ID token that is as OpenID Connect Core §3.1.3.7 and §3.3.2.11 want it. */
  async idToken(token, { nonce, access_token: accessToken, code, state } = {}) {
    const { alg, kid } = decodeProtectedHeader(token);
    assert.ok(kid, 'the key is named');
    const { payload } = await jwtVerify(token, createLocalJWKSet(await this.serverKeys()), { issuer: this.plan.issuer, audience: this.id });
    assert.ok(payload.sub.length > 0 && payload.sub.length < 256);
    for (const time of ['iat', 'exp']) assert.ok(Number.isInteger(payload[time]), time);
    assert.ok(payload.exp > now() && Math.abs(payload.iat - now()) < 60);
    assert.equal(payload.nonce, nonce);
    if (payload.azp !== undefined) assert.equal(payload.azp, this.id);
    for (const [claim, value] of [['at_hash', accessToken], ['c_hash', code], ['s_hash', state]]) {
      if (value && (claim !== 's_hash' || payload[claim])) assert.equal(payload[claim], halfHash(value, alg), claim);
    }
    return payload;
  }

  /** Asks for the person. */
  async userInfo(accessToken, { method = 'GET', form, ...options } = {}) {
    const url = this.endpoint('userinfo_endpoint');
    const headers = form ? {} : { authorization: `${this.keys.dpop ? 'DPoP' : 'Bearer'} ${accessToken}`, ...(this.keys.dpop ? { dpop: await this.proof(method, url, { accessToken }) } : {}) };
    return this.plan.wire.send(url, { method, form, certificate: this.certificate, ...options, headers: { ...headers, ...options.headers } });
  }

  /** A proof of possession (RFC 9449 §4.2); `changes` alters claims, `header` the header. */
  async proof(method, url, { accessToken, key = this.keys.dpop, changes = {}, header = {} } = {}) {
    const { alg, kid, use, ...jwk } = key.jwk;
    const claims = { htm: method, htu: url, jti: randomUUID(), iat: now(), ...(accessToken ? { ath: thumbprint(accessToken) } : {}), ...changes };
    return new SignJWT(claims).setProtectedHeader({ alg: key.alg, typ: 'dpop+jwt', jwk, ...header }).sign(key.privateKey);
  }
}

