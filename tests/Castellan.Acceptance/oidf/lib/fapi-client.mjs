// A client of the FAPI profiles: pushes its requests or signs them, proves its keys, reads signed answers.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { RelyingParty, now, sign, thumbprint, unsigned } from './relying-party.mjs';
import { parameters } from './wire.mjs';

export class FapiClient extends RelyingParty {
  /**
   * Makes the client by the administration.
   * @param style  { pushes, signs, jarm, pkce }: how its requests go
   */
  static async make(plan, clientId, { attributes = {}, certificate, keys, style = {}, fixed, ...settings }) {
    const set = Object.values(keys).filter(key => key !== keys.dpop).map(key => key.jwk);
    await plan.admin('POST', '/clients', {
      clientId, publicClient: false, redirectUris: [`https://${clientId}.example/callback`], consentRequired: true, fullScopeAllowed: false,
      ...settings, attributes: { 'use.jwks.string': 'true', 'jwks.string': JSON.stringify({ keys: set }), ...attributes },
    });
    const metadata = { client_id: clientId, redirect_uris: [`https://${clientId}.example/callback`], token_endpoint_auth_method: settings.clientAuthenticatorType === 'client-x509' ? 'tls_client_auth' : 'private_key_jwt' };
    return Object.assign(new FapiClient(plan, metadata, { certificate, keys, fixed }), { style });
  }

  request(changes = {}) {
    this.verifier = this.style.pkce === false ? undefined : randomBytes(32).toString('base64url');
    return super.request({
      ...(this.verifier ? { code_challenge: thumbprint(this.verifier), code_challenge_method: 'S256' } : {}), ...(this.style.jarm ? { response_mode: 'jwt' } : {}), ...changes,
    });
  }

  /** A request object of these parameters: `claims` changes its claims; with `alg: 'none'` in the header it is unsigned. */
  async object(asked, { claims = {}, key = this.keys.request, header } = {}) {
    const all = { ...asked, iss: this.id, aud: this.plan.issuer, jti: randomUUID(), iat: now(), nbf: now(), exp: now() + 300, ...claims };
    return header?.alg === 'none' ? unsigned(all) : sign(key, all, header);
  }

  /** Pushes a request (RFC 9126 §2.1); gives the answer and what was asked for. */
  async push(changes = {}, { object, form = {}, plain = !this.style.signs, ...options } = {}) {
    const asked = this.request(changes);
    const { verifier } = this;
    const sent = plain ? asked : { request: typeof object === 'string' ? object : await this.object(asked, object) };
    const answer = await this.post(this.endpoint('pushed_authorization_request_endpoint'), { ...sent, ...form }, options);
    return { answer, asked, verifier };
  }

  /** As `push`, where the server must take it. */
  async pushed(changes, options) {
    const result = await this.push(changes, options);
    assert.equal(result.answer.status, 201, result.answer.text);
    assert.match(result.answer.json.request_uri, /^urn:ietf:params:oauth:request_uri:.{16,}/);
    assert.ok(result.answer.json.expires_in > 0 && result.answer.json.expires_in < 600);
    return { ...result, uri: result.answer.json.request_uri };
  }

  /** Pushes the request, or signs it, and shows it to the person; `outside` adds parameters beside it. */
  async authorize(changes = {}, { browser = this.plan.browser(), outside = {}, push, object, ...person } = {}) {
    if (this.style.pushes !== false) {
      const pushed = await this.pushed(changes, { object, ...push });
      return this.open({ client_id: this.id, request_uri: pushed.uri, ...outside }, { ...pushed, browser }, person);
    }
    const asked = this.request(changes);
    const request = typeof object === 'string' ? object : await this.object(asked, object);
    return this.open({ client_id: this.id, response_type: asked.response_type, scope: asked.scope, ...outside, request }, { asked, verifier: this.verifier, browser }, person);
  }

  /** Opens the authorization endpoint with exactly these parameters and reads the answer. */
  async open(query, { asked, verifier, browser = this.plan.browser() } = {}, person) {
    const answer = await browser.authorize(`${this.plan.discovery.authorization_endpoint}?${parameters(query)}`, person);
    const values = answer.values?.response ? await this.jarm(answer.values) : answer.values;
    return { ...answer, values, asked, verifier, browser };
  }

  /** The parameters of a signed answer (JARM §2.4). */
  async jarm({ response, ...beside }) {
    assert.deepEqual(beside, {}, 'nothing stands beside the signed answer');
    const { payload: { aud, exp, iat, ...values } } = await jwtVerify(response, createLocalJWKSet(await this.serverKeys()), { issuer: this.plan.issuer, audience: this.id, algorithms: ['PS256', 'ES256'] });
    assert.ok(exp <= now() + 600, 'a short life');
    return values;
  }

  /** From the request to the tokens. */
  async run(changes, options) {
    const answer = await this.granted(changes, options);
    return { ...await this.tokens(answer), answer };
  }

  /** Refreshes tokens. */
  async refresh(token, options = {}) {
    const url = this.endpoint('token_endpoint');
    return this.post(url, { grant_type: 'refresh_token', refresh_token: token }, { ...options, headers: { ...(this.keys.dpop ? { dpop: await this.proof('POST', url) } : {}), ...options.headers } });
  }
}

/** Lays a global profile on the clients whose attribute `plan` says so. */
export const policiesFor = (...profiles) => ({
  policies: profiles.map(list => ({
    name: [list].flat().join(' and '), enabled: true, profiles: [list].flat(),
    conditions: [{ condition: 'client-attributes', configuration: { attributes: JSON.stringify([{ key: 'plan', value: [list].flat()[0] }]) } }],
  })),
});
