// The FAPI 2.0 Security Profile and Message Signing, as the OpenID Foundation's plans ask for them, of clients that the profiles shipped with the server hold.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FapiClient, policiesFor } from './lib/fapi-client.mjs';
import { Plan } from './lib/plan.mjs';
import { pushedRequestModules } from './lib/pushed-requests.mjs';
import {
  assertRefused, badClient, badClientOrGrant, badGrant, badKey, badObject, badProof, badRequestOrObject, badType,
} from './lib/refusals.mjs';
import { assertCode, assertError, keyPair, now, sign, thumbprint, unsigned } from './lib/relying-party.mjs';

const prefix = 'fapi2-security-profile-final-';
const styles = {
  'private_key_jwt and DPoP': 'fapi-2-dpop-security-profile', 'mutual TLS': 'fapi-2-security-profile', 'signed messages': 'fapi-2-dpop-message-signing',
};
let plan, keys, foreign;
const clients = {};
before(async () => {
  plan = await Plan.start();
  await plan.admin('PUT', '/client-policies/policies', policiesFor(...Object.values(styles)));
  keys = { assertion: await keyPair('PS256', 'assertion'), request: await keyPair('PS256', 'request'), weak: await keyPair('RS256', 'weak'), dpop: await keyPair('ES256', 'dpop') };
  foreign = await keyPair('PS256', 'foreign');
  const algorithms = Object.fromEntries(['id.token.signed.response.alg', 'request.object.signature.alg', 'user.info.response.signature.alg', 'access.token.signed.response.alg', 'token.endpoint.auth.signing.alg', 'authorization.signed.response.alg'].map(name => [name, 'PS256']));
  delete algorithms['user.info.response.signature.alg'];
  for (const [style, profile] of Object.entries(styles)) for (const name of ['first', 'second']) {
    const id = `${profile}-${name}`;
    const mutual = style === 'mutual TLS';
    const certificate = mutual ? await plan.certificate(id) : undefined;
    const { dpop, ...others } = keys;
    (clients[style] ??= []).push(await FapiClient.make(plan, id, {
      clientAuthenticatorType: mutual ? 'client-x509' : 'client-jwt', certificate, keys: mutual ? others : keys, style: { signs: style === 'signed messages', jarm: style === 'signed messages' },
      attributes: {
        plan: profile, ...algorithms, 'pkce.code.challenge.method': 'S256', 'require.pushed.authorization.requests': 'true',
        ...(mutual ? { 'x509.subjectdn': `CN=${id}`, 'tls.client.certificate.bound.access.tokens': 'true' } : { 'dpop.bound.access.tokens': 'true' }),
      },
    }));
  }
});
after(() => plan?.stop());

test(`${prefix}discovery-end-point-verification`, () => {
  const said = plan.discovery;
  for (const [name, values] of Object.entries({
    response_types_supported: ['code'], response_modes_supported: ['jwt', 'query.jwt', 'form_post.jwt'], grant_types_supported: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['private_key_jwt', 'tls_client_auth'], token_endpoint_auth_signing_alg_values_supported: ['PS256', 'ES256', 'EdDSA'], dpop_signing_alg_values_supported: ['PS256', 'ES256', 'EdDSA'],
    code_challenge_methods_supported: ['S256'], authorization_signing_alg_values_supported: ['PS256', 'ES256'], request_object_signing_alg_values_supported: ['PS256', 'ES256'], id_token_signing_alg_values_supported: ['PS256', 'ES256'],
  })) for (const value of values) assert.ok(said[name].includes(value), `${name}: ${value}`);
  for (const name of ['authorization_encryption_alg_values_supported', 'authorization_encryption_enc_values_supported', 'claims_supported']) assert.ok(Array.isArray(said[name]), name);
  for (const name of ['authorization_response_iss_parameter_supported', 'tls_client_certificate_bound_access_tokens', 'claims_parameter_supported']) assert.equal(said[name], true, name);
  assert.equal(typeof said.require_pushed_authorization_requests, 'boolean');
  assert.match(said.pushed_authorization_request_endpoint, /^https:/);
  for (const name of ['token_endpoint', 'pushed_authorization_request_endpoint', 'userinfo_endpoint']) if (said.mtls_endpoint_aliases) assert.match(said.mtls_endpoint_aliases[name] ?? said[name], /^https:/);
});

for (const style of Object.keys(styles)) describe(style, () => {
  let client, other;
  before(() => { [client, other] = clients[style]; });
  const signed = style === 'signed messages';
  const mutual = style === 'mutual TLS';

  // The whole way, with one thing changed.
  const longer = length => 'x'.repeat(length - 4) + Math.random().toString(36).padEnd(6, '0').slice(2, 6);
  for (const [module, changes] of Object.entries({
    'par-without-duplicate-parameters': () => ({}),
    'ensure-authorization-request-with-64-char-nonce-success': () => ({ nonce: longer(64) }),
    'ensure-authorization-request-with-long-nonce': () => ({ nonce: longer(384) }),
    'ensure-authorization-request-with-long-state': () => ({ state: longer(384) }),
    'ensure-authorization-request-without-nonce-success': () => ({ nonce: undefined }),
    'ensure-authorization-request-without-state-success': () => ({ state: undefined }),
    'ensure-other-scope-order-succeeds': () => ({ scope: 'email openid' }),
  })) test(prefix + module, async () => {
    const { answer, access_token: token, claims } = await client.run(changes());
    assertCode(answer.values.code);
    assert.deepEqual(Object.keys(answer.values).filter(name => !['code', 'state', 'iss', 'session_state'].includes(name)), []);
    const bound = JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).cnf;
    assert.ok(mutual ? bound['x5t#S256'] : bound.jkt, 'the token is bound to a key');
    const person = await client.userInfo(token);
    assert.deepEqual([person.status, person.json?.sub], [200, claims.sub]);
  });

  // Requests that the server does not take.
  for (const [module, refused, changes] of [
    ['ensure-redirect-uri-in-authorization-request', badRequestOrObject, { redirect_uri: undefined }],
    ['ensure-registered-redirect-uri', badRequestOrObject, { redirect_uri: 'https://elsewhere.example/callback' }],
    ['plain-fapi-tolerate-unregistered-redirect-uri', badRequestOrObject, { redirect_uri: 'https://client.example/unregistered' }],
    ['ensure-response-type-code-idtoken-fails', badType, { response_type: 'code id_token' }],
    ['ensure-response-type-token-fails', badType, { response_type: 'token' }],
  ]) test(prefix + module, async () => refused((await client.push(changes)).answer));

  test(`${prefix}ensure-unsigned-authorization-request-without-using-par-fails`, async () => {
    const asked = client.request();
    assertRefused(await client.open(asked, { asked }), 'invalid_request');
  });

  test(`${prefix}user-rejects-authentication`, async () => {
    const { values, asked } = await client.authorize({ prompt: 'consent' }, { consent: 'cancel' });
    assert.deepEqual([values.error, values.state, values.iss, values.code], ['access_denied', asked.state, plan.issuer, undefined]);
  });

  pushedRequestModules(prefix, () => clients[style], { signs: signed });

  // Codes.
  for (const [module, refused, act] of [
    ['attempt-reuse-authorization-code-after-one-second', badGrant, async answer => { await client.tokens(answer); return client.exchange(answer); }],
    ['ensure-authorization-code-is-bound-to-client', badGrant, answer => other.exchange(answer)],
    ['ensure-client-id-in-token-endpoint', badClientOrGrant, answer => (mutual ? client.exchange(answer, { client_id: other.id }) : other.exchange(answer, { client_id: other.id }))],
    ['ensure-pkce-code-verifier-required', badGrant, answer => client.exchange(answer, { code_verifier: undefined })],
    ['incorrect-pkce-code-verifier-rejected', badGrant, answer => client.exchange(answer, { code_verifier: 'y'.repeat(43) })],
    ['ensure-holder-of-key-required', mutual ? badKey : badProof, answer => client.exchange(answer, {}, mutual ? { certificate: {} } : { headers: { dpop: undefined } })],
  ]) test(prefix + module, async () => refused(await act(await client.granted())));

  test(`${prefix}ensure-token-endpoint-fails-with-expired-auth-code`, async () => {
    const { accessCodeLifespan } = await plan.admin('GET', '');
    assert.ok(accessCodeLifespan <= 60, 'a minute at most (FAPI 2.0 §5.3.2.1)');
    await plan.admin('PUT', '', { accessCodeLifespan: 1 });
    const answer = await client.granted();
    await sleep(1500);
    badGrant(await client.exchange(answer));
    await plan.admin('PUT', '', { accessCodeLifespan });
  });

  test(`${prefix}refresh-token`, async () => {
    const { refresh_token: token, claims } = await client.run({ scope: 'openid offline_access', prompt: 'consent' });
    assert.match(token, /^[\x20-\x7e]+$/);
    for (let use = 0; use < 2; use++) { // FAPI 2.0 §5.3.2.1: the one that was used still counts
      const got = await client.refresh(token);
      assert.equal(got.status, 200, got.text);
      assert.equal((await client.userInfo(got.json.access_token)).json.sub, claims.sub);
    }
    badGrant(await other.refresh(token));
  });

  test(`${prefix}test-claims-parameter-identity-claims`, async () => {
    const named = Object.fromEntries(['name', 'given_name', 'email'].map(name => [name, { essential: true }]));
    const { access_token: token } = await client.run({ scope: 'openid profile email', claims: JSON.stringify({ userinfo: { ...named, 'no-such-claim': null }, id_token: { name: null } }) });
    const answer = await client.userInfo(token);
    assert.deepEqual([answer.status, answer.json.name, answer.json.email, 'no-such-claim' in answer.json], [200, 'Alice Ames', 'alice@example.org', false]);
  });

  // What stands beside the pushed request does not count.
  for (const [module, name, value] of [['ensure-different-nonce-inside-and-outside-request-object', 'nonce'], ['ensure-different-state-inside-and-outside-request-object', 'state'], ['state-only-outside-request-object-not-used', 'state', undefined]]) test(prefix + module, async () => {
    const answer = await client.authorize(module.startsWith('state') ? { state: value } : {}, { outside: { [name]: 'something-else' } });
    if (answer.values?.error || answer.page) return assertRefused(answer, 'invalid_request', 'invalid_request_object');
    assert.equal(answer.values.state, answer.asked.state);
    return client.tokens(answer);
  });

  // Who the client is.
  if (!mutual) for (const [module, assertion, accepted] of [
    ['ensure-client-assertion-in-token-endpoint', null],
    ['ensure-client-assertion-with-exp-is-5-minutes-in-past-fails', () => ({ iat: now() - 360, exp: now() - 300 })],
    ['ensure-client-assertion-with-no-sub-fails', () => ({ sub: undefined })],
    ['ensure-client-assertion-with-wrong-aud-fails', () => ({ aud: 'https://other.example/' })],
    ['par-test-array-as-audience-fails', () => ({ aud: [plan.issuer, 'https://other.example/'] })],
    ['par-test-par-endpoint-url-as-audience-fails', () => ({ aud: plan.discovery.pushed_authorization_request_endpoint })],
    ['par-test-token-endpoint-url-as-audience-fails', () => ({ aud: plan.discovery.token_endpoint })],
    ['par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted', () => ({ iat: now() + 8, nbf: now() + 8 }), true],
    ['par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails', () => ({ iat: now() + 75, nbf: now() + 75, exp: now() + 135 })],
    ['ensure-signed-client-assertion-with-RS256-fails', 'RS256'],
  ]) test(prefix + module, async () => {
    const own = assertion === null ? undefined : assertion === 'RS256' ? await sign(keys.weak, client.assertion()) : assertion();
    if (!module.startsWith('ensure')) {
      const { answer } = await client.push({}, { assertion: own });
      return accepted ? assert.equal(answer.status, 201, answer.text) : badClient(answer);
    }
    const answer = await client.granted();
    return badClient(await client.exchange(answer, own === undefined ? { client_id: client.id, client_assertion: undefined, client_assertion_type: undefined } : {}, { assertion: own }));
  });

  // Request objects.
  if (signed) for (const [module, refused, object] of [
    ['ensure-expired-request-object-fails', badObject, () => ({ claims: { iat: now() - 600, nbf: now() - 600, exp: now() - 300 } })],
    ['ensure-matching-key-in-authorization-request', badRequestOrObject, () => ({ key: { ...foreign, kid: keys.request.kid } })],
    ['ensure-request-object-signature-algorithm-is-not-none', badObject, () => ({ header: { alg: 'none' } })],
    ['ensure-request-object-with-bad-aud-fails', badObject, () => ({ claims: { aud: 'https://other.example/' } })],
    ['ensure-request-object-with-exp-over-60-fails', badObject, () => ({ claims: { exp: now() + 70 * 60 } })],
    ['ensure-request-object-with-nbf-over-60-fails', badObject, () => ({ claims: { nbf: now() - 70 * 60 } })],
    ['ensure-request-object-with-invalid-signature-fails', badObject, async () => (await client.object(client.request())).replace(/.{8}$/, 'AAAAAAAA')],
    ['ensure-request-object-without-exp-fails', badObject, () => ({ claims: { exp: undefined } })],
    ['ensure-request-object-without-nbf-fails', badObject, () => ({ claims: { nbf: undefined } })],
    ['ensure-request-object-without-redirect-uri-fails', badRequestOrObject, () => ({ claims: { redirect_uri: undefined } })],
    ['ensure-signed-request-object-with-RS256-fails', badObject, () => ({ key: keys.weak })],
    ['ensure-request-object-with-multiple-aud-succeeds', undefined, () => ({ claims: { aud: [plan.issuer, 'https://other.example/'] } })],
    ['ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted', undefined, () => ({ claims: { nbf: now() + 8 } })],
  ]) test(prefix + module, async () => {
    const { answer } = await client.push({}, { object: await object() });
    if (refused) refused(answer);
    else assert.equal(answer.status, 201, answer.text);
  });

  if (signed) test(`${prefix}ensure-unsigned-request-at-par-endpoint-fails`, async () => badRequestOrObject((await client.push({}, { plain: true })).answer));

  // Proofs of possession.
  if (!mutual) for (const [module, push, token] of [
    ['ensure-dpop-auth-code-binding-success', async () => [{ dpop_jkt: await jkt(keys.dpop) }]],
    ['ensure-dpopproof-at-par-endpoint-binding-success', async () => [{}, { headers: { dpop: await proofAtPar() } }]],
    ['ensure-dpopproof-with-iat-10seconds-after-succeeds', undefined, () => ({ changes: { iat: now() + 8 } })],
    ['ensure-dpopproof-with-iat-10seconds-before-succeeds', undefined, () => ({ changes: { iat: now() - 10 } })],
  ]) test(prefix + module, async () => {
    const [changes, options] = await push?.() ?? [];
    const answer = await client.granted(changes, { push: options });
    const got = await client.exchange(answer, {}, { headers: token ? { dpop: await client.proof('POST', plan.discovery.token_endpoint, token()) } : {} });
    assert.equal(got.status, 200, got.text);
  });

  if (!mutual) for (const [module, changes, headers] of [
    ['ensure-token-endpoint-fails-with-mismatched-dpop-jkt', async () => ({ dpop_jkt: await jkt(foreign) })],
    ['ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt', () => ({}), async () => ({ dpop: await proofAtPar(foreign) })],
  ]) test(prefix + module, async () => badProof(await client.exchange(await client.granted(await changes(), { push: { headers: await headers?.() } }))));

  if (!mutual) test(`${prefix}ensure-mismatched-dpop-jkt-fails`, async () => {
    assertError((await client.push({ dpop_jkt: await jkt(foreign) }, { headers: { dpop: await proofAtPar() } })).answer, ['invalid_request', 'invalid_dpop_proof'], [400]);
  });

  const jkt = async ({ jwk: { e, kty, n, crv, x, y } }) => thumbprint(JSON.stringify(kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y }));
  const proofAtPar = key => client.proof('POST', plan.discovery.pushed_authorization_request_endpoint, { key });

  if (!mutual) test(`${prefix}dpop-negative-tests`, async () => {
    const { access_token: token } = await client.run();
    const url = plan.discovery.userinfo_endpoint;
    const { d } = await import('jose').then(jose => jose.exportJWK(keys.dpop.privateKey));
    const jwk = { kty: 'EC', crv: 'P-256', x: keys.dpop.jwk.x, y: keys.dpop.jwk.y };
    const proofs = {
      'a private key': { header: { jwk: { ...jwk, d } } }, 'an hour ahead': { changes: { iat: now() + 3600 } }, 'an hour ago': { changes: { iat: now() - 3600 } }, 'another method': { changes: { htm: 'PUT' } },
      'another address': { changes: { htu: 'https://other.example/userinfo' } }, 'another token': { changes: { ath: thumbprint('another') } }, 'no token': { changes: { ath: undefined } }, 'another type': { header: { typ: 'JWT' } },
      'no id': { changes: { jti: undefined } }, 'no time': { changes: { iat: undefined } }, 'no method': { changes: { htm: undefined } }, 'no address': { changes: { htu: undefined } }, 'another key': { key: foreign }, 'a key that did not sign': { key: foreign, header: { jwk } },
    };
    for (const [what, change] of Object.entries(proofs)) {
      const answer = await client.userInfo(token, { headers: { dpop: await client.proof('GET', url, { accessToken: token, ...change }) } });
      assert.ok([400, 401].includes(answer.status), `${what}: ${answer.status}`);
      if (answer.status === 401) assert.match(answer.headers['www-authenticate'], /^DPoP /, what);
    }
    const proof = await client.proof('GET', url, { accessToken: token });
    assert.equal((await client.userInfo(token, { headers: { dpop: proof } })).status, 200);
    for (const [what, headers] of Object.entries({ 'a used one': { dpop: proof }, none: { dpop: undefined }, 'an unsigned one': { dpop: unsigned({ htm: 'GET', htu: url, iat: now(), jti: 'x', ath: thumbprint(token) }) }, 'a bearer': { authorization: `Bearer ${token}`, dpop: undefined } })) {
      const answer = await client.userInfo(token, { headers });
      assert.ok([400, 401].includes(answer.status), `${what}: ${answer.status}`);
    }
  });
});
