// FAPI 1.0 Advanced, as the OpenID Foundation's plan asks for it, of clients that the profile shipped with the server holds: requests signed by value with
// the ID token as a signature of the answer, and pushed ones with the answer as a JWT.

import assert from 'node:assert/strict';
import { connect } from 'node:tls';
import { after, before, describe, test } from 'node:test';
import { FapiClient, policiesFor } from './lib/fapi-client.mjs';
import { Plan } from './lib/plan.mjs';
import { pushedRequestModules } from './lib/pushed-requests.mjs';
import { assertRefused, badClient, badClientOrGrant, badGrant, badKey, badObject, badRequestOrObject, badType } from './lib/refusals.mjs';
import { assertCode, keyPair, now, sign } from './lib/relying-party.mjs';

const prefix = 'fapi1-advanced-final-';
const profile = 'fapi-1-advanced';
const styles = { 'by value, code id_token': { pushes: false, signs: true, pkce: false }, 'pushed, code in a JWT': { signs: true, jarm: true } };
let plan, keys, foreign;
const clients = {};
before(async () => {
  plan = await Plan.start();
  await plan.admin('PUT', '/client-policies/policies', policiesFor(profile));
  keys = { assertion: await keyPair('PS256', 'assertion'), request: await keyPair('PS256', 'request'), weak: await keyPair('RS256', 'weak') };
  foreign = await keyPair('PS256', 'foreign');
  const algorithms = Object.fromEntries(['id.token.signed.response.alg', 'request.object.signature.alg', 'access.token.signed.response.alg', 'token.endpoint.auth.signing.alg', 'authorization.signed.response.alg'].map(name => [name, 'PS256']));
  for (const [name, style] of Object.entries(styles)) for (const which of ['first', 'second']) {
    const id = `${style.jarm ? 'pushing' : 'signing'}-${which}`;
    (clients[name] ??= []).push(await FapiClient.make(plan, id, {
      clientAuthenticatorType: 'client-jwt', certificate: await plan.certificate(id), keys, style, fixed: style.jarm ? {} : { response_type: 'code id_token' }, implicitFlowEnabled: !style.jarm,
      attributes: {
        plan: profile, ...algorithms, 'tls.client.certificate.bound.access.tokens': 'true', 'id.token.as.detached.signature': 'true', 'request.object.required': 'request or request_uri',
        ...(style.jarm ? { 'pkce.code.challenge.method': 'S256' } : {}),
      },
    }));
  }
});
after(() => plan?.stop());

test(`${prefix}discovery-end-point-verification`, () => {
  const said = plan.discovery;
  for (const [name, values] of Object.entries({
    response_types_supported: ['code', 'code id_token'], response_modes_supported: ['jwt'], token_endpoint_auth_methods_supported: ['private_key_jwt', 'tls_client_auth'],
    authorization_signing_alg_values_supported: ['PS256', 'ES256'], request_object_signing_alg_values_supported: ['PS256', 'ES256'], id_token_signing_alg_values_supported: ['PS256', 'ES256'],
  })) for (const value of values) assert.ok(said[name].includes(value), `${name}: ${value}`);
  for (const name of ['authorization_encryption_alg_values_supported', 'authorization_encryption_enc_values_supported']) assert.ok(Array.isArray(said[name]), name);
  for (const name of ['tls_client_certificate_bound_access_tokens', 'request_parameter_supported']) assert.equal(said[name], true, name);
  assert.match(said.pushed_authorization_request_endpoint, /^https:/);
  assert.equal(typeof said.require_pushed_authorization_requests, 'boolean');
});

describe('the connection', () => {
  /** The version that is agreed on; nothing where there is none, be it that the ciphers are too weak even for this side. */
  const greets = options => new Promise((done, fail) => {
    const { hostname, port } = new URL(plan.origin);
    const socket = connect({ host: hostname, port, ca: plan.ca, ...options }, () => { done(socket.getProtocol()); socket.end(); });
    socket.on('error', fail);
  }).catch(() => undefined);

  test(`${prefix}ensure-mtls-holder-of-key-required: TLS`, async () => {
    assert.equal(await greets({}), 'TLSv1.3', 'the newest is preferred');
    for (const version of ['TLSv1', 'TLSv1.1']) assert.equal(await greets({ minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' }), undefined, version);
    const only = ciphers => greets({ maxVersion: 'TLSv1.2', ciphers });
    assert.equal(await only('ECDHE-ECDSA-AES128-GCM-SHA256'), 'TLSv1.2');
    for (const weak of ['AES128-SHA', 'AES256-GCM-SHA384', 'DES-CBC3-SHA', 'NULL-SHA256', 'ECDHE-ECDSA-NULL-SHA', 'AECDH-AES128-SHA']) assert.equal(await only(`${weak}:@SECLEVEL=0`), undefined, weak);
  });
});

for (const [style, { jarm }] of Object.entries(styles)) describe(style, () => {
  let client, other;
  before(() => { [client, other] = clients[style]; });
  const longer = length => 'x'.repeat(length - 4) + Math.random().toString(36).padEnd(6, '0').slice(2, 6);

  // The whole way, with one thing changed.
  for (const [module, changes, object] of [
    ['par-without-duplicate-parameters'],
    ['ensure-valid-pkce-succeeds'],
    ['ensure-authorization-request-without-state-success', () => ({ state: undefined })],
    ['ensure-other-scope-order-succeeds', () => ({ scope: 'email openid' })],
    ['ensure-request-object-with-64-char-nonce-success', () => ({ nonce: longer(64) })],
    ['ensure-request-object-with-long-nonce', () => ({ nonce: longer(384) })],
    ['ensure-request-object-with-long-state', () => ({ state: longer(384) })],
    ['ensure-request-object-with-multiple-aud-succeeds', undefined, () => ({ claims: { aud: [plan.issuer, 'https://other.example/'] } })],
  ]) test(prefix + module, async () => {
    const answer = await client.granted(changes?.(), { object: object?.() });
    assertCode(answer.values.code);
    if (!jarm) {
      assert.equal(answer.at, 'fragment');
      const { code, id_token: idToken } = answer.values;
      const detached = await client.idToken(idToken, { nonce: answer.asked.nonce, code, state: answer.asked.state });
      assert.equal('s_hash' in detached, answer.asked.state !== undefined, 's_hash');
      assert.equal(detached.email, undefined, 'a signature that went through the browser tells nothing of the person');
    }
    const { access_token: token, claims } = await client.tokens(answer);
    assert.ok(JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).cnf['x5t#S256'], 'bound to the certificate');
    const person = await client.userInfo(token);
    assert.deepEqual([person.status, person.json?.sub], [200, claims.sub]);
    for (const certificate of [{}, other.certificate]) assert.equal((await client.userInfo(token, { certificate })).status, 401, 'nobody else shows it');
  });

  // Request objects that are refused: by the server's page, at the application, or where they are pushed.
  for (const [module, refused, object, changes] of [
    ['ensure-expired-request-object-fails', badObject, () => ({ claims: { iat: now() - 600, nbf: now() - 600, exp: now() - 300 } })],
    ['ensure-matching-key-in-authorization-request', badRequestOrObject, () => ({ key: { ...foreign, kid: keys.request.kid } })],
    ['ensure-request-object-signature-algorithm-is-not-none', badObject, () => ({ header: { alg: 'none' } })],
    ['ensure-request-object-with-bad-aud-fails', badObject, () => ({ claims: { aud: 'https://other.example/' } })],
    ['par-pushed-authorization-url-as-audience-in-request-object', badObject, () => ({ claims: { aud: plan.discovery.pushed_authorization_request_endpoint } })],
    ['ensure-request-object-with-exp-over-60-fails', badObject, () => ({ claims: { exp: now() + 70 * 60 } })],
    ['ensure-request-object-with-nbf-over-60-fails', badObject, () => ({ claims: { nbf: now() - 70 * 60 } })],
    ['ensure-request-object-with-invalid-signature-fails', badObject, async () => (await client.object(client.request())).replace(/.{8}$/, 'AAAAAAAA')],
    ['ensure-request-object-without-exp-fails', badObject, () => ({ claims: { exp: undefined } })],
    ['ensure-request-object-without-nbf-fails', badObject, () => ({ claims: { nbf: undefined } })],
    ['ensure-request-object-without-nonce-fails', badRequestOrObject, () => ({ claims: { nonce: undefined } })],
    ['ensure-request-object-without-redirect-uri-fails', badRequestOrObject, () => ({ claims: { redirect_uri: undefined } })],
    ['ensure-redirect-uri-in-authorization-request', badRequestOrObject, () => ({ claims: { redirect_uri: undefined } })],
    ['ensure-registered-redirect-uri', badRequestOrObject, () => ({ claims: { redirect_uri: 'https://elsewhere.example/callback' } })],
    ['par-attempt-invalid-redirect_uri', badRequestOrObject, () => ({ claims: { redirect_uri: 'https://elsewhere.example/callback' } })],
    ['ensure-request-object-without-scope-fails', badRequestOrObject, () => ({ claims: { scope: undefined } })],
    ['ensure-response-mode-query', badRequestOrObject, () => ({ claims: { response_mode: 'query' } })],
    ['ensure-response-type-code-fails', badType, () => ({ claims: { response_type: 'code', response_mode: undefined } })],
    ['ensure-signed-request-object-with-RS256-fails', badObject, () => ({ key: keys.weak })],
  ]) test(prefix + module, async () => {
    if (jarm) return refused((await client.push(changes, { object: await object() })).answer);
    const answer = await client.authorize(changes, { object: await object() });
    assertRefused(answer, 'invalid_request', 'invalid_request_object', 'unsupported_response_type', 'unauthorized_client', 'invalid_scope');
    if (answer.values) assert.notEqual(answer.at, 'form');
  });

  test(`${prefix}ensure-authorization-request-without-request-object-fails`, async () => {
    const asked = client.request();
    assertRefused(await client.open(asked, { asked }), 'invalid_request', 'invalid_request_object');
  });

  // What stands beside the signed request does not count.
  for (const [module, name, changes] of [['ensure-different-nonce-inside-and-outside-request-object', 'nonce', {}], ['state-only-outside-request-object-not-used', 'state', { state: undefined }]]) test(prefix + module, async () => {
    const answer = await client.authorize(changes, { outside: { [name]: 'something-else' } });
    if (answer.values?.error || answer.page) return assertRefused(answer, 'invalid_request', 'invalid_request_object');
    assert.equal(answer.values.state, answer.asked.state);
    return client.tokens(answer);
  });

  test(`${prefix}user-rejects-authentication`, async () => {
    const { values, asked } = await client.authorize({ prompt: 'consent' }, { consent: 'cancel' });
    assert.deepEqual([values.error, values.state, values.iss, values.code], ['access_denied', asked.state, plan.issuer, undefined]);
  });

  // Codes.
  for (const [module, refused, act] of [
    ['attempt-reuse-authorisation-code-after-one-second', badGrant, async answer => { await client.tokens(answer); return client.exchange(answer); }],
    ['ensure-authorization-code-is-bound-to-client', badGrant, answer => other.exchange(answer)],
    ['ensure-client-id-in-token-endpoint', badClientOrGrant, answer => other.exchange(answer, { client_id: other.id })],
    ['ensure-pkce-code-verifier-required', badGrant, jarm && (answer => client.exchange(answer, { code_verifier: undefined }))],
    ['incorrect-pkce-code-verifier-rejected', badGrant, jarm && (answer => client.exchange(answer, { code_verifier: 'y'.repeat(43) }))],
    ['ensure-mtls-holder-of-key-required', badKey, answer => client.exchange(answer, {}, { certificate: {} })],
  ]) if (act) test(prefix + module, async () => refused(await act(await client.granted())));

  test(`${prefix}refresh-token`, async () => {
    const { refresh_token: token, claims } = await client.run({ scope: 'openid offline_access', prompt: 'consent' });
    assert.match(token, /^[\x20-\x7e]+$/);
    const got = await client.refresh(token);
    assert.equal(got.status, 200, got.text);
    assert.equal((await client.userInfo(got.json.access_token)).json.sub, claims.sub);
    badGrant(await other.refresh(token));
    badKey(await client.refresh(token, { certificate: {} }));
  });

  // Who the client is.
  const token = assertion => async () => client.exchange(await client.granted(), {}, { assertion: assertion() });
  const push = assertion => async () => (await client.push({}, { assertion: assertion() })).answer;
  const wrong = { exp: () => ({ iat: now() - 360, exp: now() - 300 }), sub: () => ({ sub: undefined }), aud: () => ({ aud: 'https://other.example/' }), iss: () => ({ iss: other.id }), subject: () => ({ sub: other.id }) };
  for (const [module, act, accepted] of [
    ['ensure-client-assertion-in-token-endpoint', async () => client.exchange(await client.granted(), { client_id: client.id, client_assertion: undefined, client_assertion_type: undefined })],
    ['ensure-client-assertion-with-exp-is-5-minutes-in-past-fails', token(wrong.exp)],
    ['ensure-client-assertion-with-no-sub-fails', token(wrong.sub)],
    ['ensure-client-assertion-with-wrong-aud-fails', token(wrong.aud)],
    ['ensure-client-assertion-with-wrong-iss-fails', token(wrong.iss)],
    ['ensure-client-assertion-with-wrong-sub-fails', token(wrong.subject)],
    ['ensure-signed-client-assertion-with-RS256-fails', async () => client.exchange(await client.granted(), {}, { assertion: await sign(keys.weak, client.assertion()) })],
    ['ensure-client-assertion-with-iss-aud-succeeds', token(() => ({ aud: plan.issuer })), 200],
    ['test-array-as-audience-for-client-JWT-assertion', token(() => ({ aud: [plan.discovery.token_endpoint, 'https://other.example/'] })), [200, 400, 401]],
    ...(jarm ? [
      ['par-ensure-client-assertion-with-wrong-aud-fails', push(wrong.aud)],
      ['par-ensure-client-assertion-with-wrong-iss-fails', push(wrong.iss)],
      ['par-ensure-client-assertion-with-wrong-sub-fails', push(wrong.subject)],
      ['par-test-pushed-authorization-url-as-audience-for-client-JWT-assertion', push(() => ({ aud: plan.discovery.pushed_authorization_request_endpoint })), 201],
      ['par-token-endpoint-url-as-audience-for-client-JWT-assertion', push(() => ({ aud: plan.discovery.token_endpoint })), 201],
    ] : []),
  ]) test(prefix + module, async () => {
    const answer = await act();
    if (accepted) assert.ok([accepted].flat().includes(answer.status), answer.text);
    else badClient(answer);
  });

  if (jarm) pushedRequestModules(prefix, () => clients[style], { signs: true });
});
