// FAPI-CIBA, as the OpenID Foundation's plan asks for it: clients that poll and clients that are told, held by the profiles shipped with the server, and a
// device that answers as the test wants.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FapiClient, policiesFor } from './lib/fapi-client.mjs';
import { Plan } from './lib/plan.mjs';
import { assertError, keyPair, now, sign, unsigned } from './lib/relying-party.mjs';
import { badClient, badGrant, badKey } from './lib/refusals.mjs';

const prefix = 'fapi-ciba-id1-';
const grant = 'urn:openid:params:grant-type:ciba';
let plan, keys, foreign;
const clients = {};
/** What the device does with a request, by its message. */
const decisions = new Map();

before(async () => {
  plan = await Plan.start({
    realm: { attributes: { cibaInterval: '1', cibaExpiresIn: '30' } },
    options: ({ application }) => [`--spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri=${application}/device`],
  });
  plan.serves.set('/device', message => {
    const { binding_message: asked } = JSON.parse(message.body);
    const status = decisions.has(asked) ? decisions.get(asked) : 'SUCCEED';
    if (status) setTimeout(() => plan.wire.send(`${plan.issuer}/protocol/openid-connect/ext/ciba/auth/callback`, { json: { status }, headers: { authorization: message.headers.authorization } }), 100);
    return [201, 'text/plain', ''];
  });
  await plan.admin('PUT', '/client-policies/policies', policiesFor(['fapi-1-advanced', 'fapi-ciba']));
  keys = { assertion: await keyPair('PS256', 'assertion'), request: await keyPair('PS256', 'request'), weak: await keyPair('RS256', 'weak') };
  foreign = await keyPair('PS256', 'foreign');
  const algorithms = Object.fromEntries(['id.token.signed.response.alg', 'access.token.signed.response.alg', 'token.endpoint.auth.signing.alg', 'ciba.backchannel.auth.request.signing.alg'].map(name => [name, 'PS256']));
  for (const mode of ['poll', 'ping']) for (const which of ['first', 'second']) {
    const id = `${mode}-${which}`;
    plan.serves.set(`/notify/${id}`, () => [204, 'text/plain', '']);
    (clients[mode] ??= []).push(await FapiClient.make(plan, id, {
      clientAuthenticatorType: 'client-jwt', certificate: await plan.certificate(id), keys: which === 'first' ? keys : { ...keys, request: foreign }, style: {},
      attributes: {
        plan: 'fapi-1-advanced', ...algorithms, 'tls.client.certificate.bound.access.tokens': 'true', 'oidc.ciba.grant.enabled': 'true', 'ciba.backchannel.token.delivery.mode': mode,
        ...(mode === 'ping' ? { 'ciba.backchannel.client.notification.endpoint': `${plan.application}/notify/${id}` } : {}),
      },
    }));
  }
});
after(() => plan?.stop());

const refusedAsk = answer => assertError(answer, ['invalid_request', 'invalid_client', 'invalid_request_object', 'unauthorized_client']);

/** Sends an authentication request; `changes` alters the parameters, `object` the claims of the JWT around them. */
async function ask(client, changes = {}, { object = {}, key = client.keys.request, header, form, decision, ...options } = {}) {
  const told = client.id.startsWith('ping') ? { client_notification_token: randomUUID() } : {};
  const asked = { scope: 'openid', login_hint: 'alice', binding_message: randomUUID().slice(0, 8), ...told, ...changes };
  if (decision !== undefined) decisions.set(asked.binding_message, decision);
  const claims = { ...asked, iss: client.id, aud: plan.issuer, jti: randomUUID(), iat: now(), nbf: now(), exp: now() + 300, ...object };
  const request = header?.alg === 'none' ? unsigned(claims) : await sign(key, claims, header);
  const answer = await client.post(client.endpoint('backchannel_authentication_endpoint'), form?.(asked) ?? { request }, options);
  return { answer, asked };
}

/** As `ask`, where the server must take it. */
async function begin(client, changes, options) {
  const { answer, asked } = await ask(client, changes, options);
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.type, /^application\/json/);
  assert.ok(answer.json.auth_req_id.length >= 22 && answer.json.expires_in > 0);
  return { id: answer.json.auth_req_id, ...answer.json, asked };
}

const redeem = (client, id, form = {}, options) => client.post(client.endpoint('token_endpoint'), { grant_type: grant, auth_req_id: id, ...form }, options);

/** Polls until the person has decided. */
async function poll(client, { id }) {
  for (let asked = 0; asked < 10; asked++) {
    await sleep(1100);
    const answer = await redeem(client, id);
    if (!['authorization_pending', 'slow_down'].includes(answer.json.error)) return answer;
  }
  return assert.fail('nobody decided');
}

/** Waits until the client is told that it may ask (CIBA §10.2). */
async function told(party, { id, asked }) {
  const path = `/notify/${party.id}`;
  for (let waited = 0; waited < 200; waited++, await sleep(25)) {
    const notice = plan.got.find(message => message.path === path && message.body.includes(id));
    if (notice) return assert.deepEqual([notice.method, notice.headers.authorization, JSON.parse(notice.body)], ['POST', `Bearer ${asked.client_notification_token}`, { auth_req_id: id }]);
  }
  return assert.fail('the client is not told');
}

test(`${prefix}discovery-end-point-verification`, () => {
  const said = plan.discovery;
  for (const mode of ['poll', 'ping']) assert.ok(said.backchannel_token_delivery_modes_supported.includes(mode), mode);
  assert.match(said.backchannel_authentication_endpoint, /^https:/);
  for (const alg of ['PS256', 'ES256']) assert.ok(said.backchannel_authentication_request_signing_alg_values_supported.includes(alg), alg);
  assert.ok(said.grant_types_supported.includes(grant));
  assert.ok([undefined, false].includes(said.backchannel_user_code_parameter_supported));
});

for (const mode of ['poll', 'ping']) describe(mode, { concurrency: 4 }, () => {
  let client, other;
  before(() => { [client, other] = clients[mode]; });

  // The whole way, with one thing changed.
  for (const [module, changes, object] of [
    ['happy-flow'],
    ['ensure-authorization-request-with-binding-message-succeeds', { binding_message: '1234' }],
    ['ensure-other-scope-order-succeeds', { scope: 'email openid' }],
    ['ensure-requested-expiry-as-string-succeeds', { requested_expiry: '30' }],
    ['refresh-token', { scope: 'openid offline_access' }],
  ]) test(module === 'happy-flow' ? prefix.slice(0, -1) : prefix + module, async () => {
    const begun = await begin(client, changes, { object });
    if (mode === 'ping') await told(client, begun);
    const answer = mode === 'poll' ? await poll(client, begun) : await redeem(client, begun.id);
    assert.equal(answer.status, 200, answer.text);
    const { access_token: token, id_token: idToken, refresh_token: refresh } = answer.json;
    const claims = await client.idToken(idToken, { access_token: token });
    assert.ok(Number.isInteger(claims.auth_time) || claims.auth_time === undefined);
    assert.ok(JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).cnf['x5t#S256']);
    assert.equal((await client.userInfo(token)).json.sub, claims.sub);
    assert.equal((await client.userInfo(token, { certificate: other.certificate })).status, 401);
    badGrant(await redeem(client, begun.id));
    if (module !== 'refresh-token') return;
    assert.match(refresh, /^[\x20-\x7e]+$/);
    assert.equal((await client.refresh(refresh)).status, 200);
    badKey(await client.refresh(refresh, { certificate: {} }));
    badGrant(await other.refresh(refresh));
  });

  test(`${prefix}user-rejects-authentication`, async () => {
    for (const decision of ['UNAUTHORIZED', 'CANCELLED']) {
      const begun = await begin(client, { binding_message: randomUUID().slice(0, 8) }, { decision });
      if (mode === 'ping') await told(client, begun);
      assertError(await poll(client, begun), 'access_denied', [400]);
    }
  });

  test(`${prefix}multiple-call-to-token-endpoint`, async () => {
    const begun = await begin(client, {}, { decision: null });
    for (let times = 0; times < 3; times++) assertError(await redeem(client, begun.id), ['authorization_pending', 'slow_down'], [400]);
  });

  test(`${prefix}ensure-wrong-auth-req-id-in-token-endpoint-request`, async () => badGrant(await redeem(client, randomUUID())));

  test(`${prefix}ensure-authorization-request-with-potentially-bad-binding-message`, async () => {
    const { answer } = await ask(client, { binding_message: '1234 \u{1F44D}\u{1F3FF} 品川 Lor' });
    if (answer.status !== 200) assertError(answer, 'invalid_binding_message', [400]);
  });

  // Authentication requests that are refused.
  for (const [module, changes, options] of [
    ['ensure-different-client-id-and-issuer-in-backchannel-authorization-request', {}, () => ({ object: { iss: other.id, client_id: other.id } })],
    ['ensure-request-object-bad-aud-fails', {}, () => ({ object: { aud: 'https://other.example/' } })],
    ['ensure-request-object-bad-iss-fails', {}, () => ({ object: { iss: other.id } })],
    ['ensure-request-object-exp-is-70-minutes-in-future-fails', {}, () => ({ object: { exp: now() + 70 * 60 } })],
    ['ensure-request-object-expired-exp-fails', {}, () => ({ object: { iat: now() - 600, nbf: now() - 600, exp: now() - 300 } })],
    ...['aud', 'exp', 'iat', 'iss', 'jti', 'nbf'].map(claim => [`ensure-request-object-missing-${claim}-fails`, {}, () => ({ object: { [claim]: undefined } })]),
    ['ensure-request-object-nbf-is-10-minutes-in-future-fails', {}, () => ({ object: { nbf: now() + 600, exp: now() + 900 } })],
    ['ensure-request-object-nbf-is-70-minutes-in-past-fails', {}, () => ({ object: { nbf: now() - 70 * 60 } })],
    ['ensure-request-object-signature-algorithm-is-RS256-fails', {}, () => ({ key: keys.weak })],
    ['ensure-request-object-signature-algorithm-is-bad-fails', {}, () => ({ key: { ...foreign, kid: keys.request.kid } })],
    ['ensure-request-object-signature-algorithm-is-none-fails', {}, () => ({ header: { alg: 'none' } })],
    ['ensure-request-object-signed-by-other-client-fails', {}, () => ({ key: other.keys.request })],
    ['ensure-unsigned-backchannel-authorization-request-fails', {}, () => ({ form: asked => asked })],
    ['ensure-client-assertion-signature-algorithm-in-backchannel-authorization-request-is-RS256-fails', {}, async () => ({ assertion: await sign(keys.weak, client.assertion()) })],
    ['ensure-without-client-assertion-in-backchannel-authorization-request', {}, () => ({ form: asked => ({ ...asked, client_id: client.id, client_assertion: undefined, client_assertion_type: undefined }) })],
    ['ensure-wrong-client-id-in-backchannel-authorization-request', {}, () => ({ assertion: { iss: other.id, sub: client.id } })],
  ]) test(prefix + module, async () => refusedAsk((await ask(client, changes, await options?.())).answer));

  // Who redeems.
  for (const [module, refused, options, form] of [
    ['ensure-client-assertion-signature-algorithm-in-token-endpoint-request-is-RS256-fails', badClient, async () => ({ assertion: await sign(keys.weak, client.assertion()) })],
    ['ensure-without-client-assertion-in-token-endpoint-request', badClient, undefined, () => ({ client_id: client.id, client_assertion: undefined, client_assertion_type: undefined })],
    ['ensure-mtls-holder-of-key-required', badKey, () => ({ certificate: {} })],
  ]) test(prefix + module, async () => {
    const begun = await begin(client);
    await sleep(1200);
    refused(await redeem(client, begun.id, form?.(), await options?.()));
  });

  test(`${prefix}ensure-wrong-client-id-in-token-endpoint-request`, async () => {
    const begun = await begin(client);
    await sleep(1200);
    assertError(await redeem(other, begun.id), ['invalid_grant', 'invalid_client'], [400, 401]);
  });

  test(`${prefix}ensure-client-assertion-with-iss-aud-to-token-endpoint-succeeds`, async () => {
    const begun = await begin(client, {}, { decision: null });
    assertError(await redeem(client, begun.id, {}, { assertion: { aud: plan.issuer } }), ['authorization_pending', 'slow_down'], [400]);
  });
});

// Keycloak looks at the hint that the realm names and leaves the other alone (recorded); CIBA §7.1 has the client send one.
test(`${prefix}ensure-authorization-request-with-multiple-hints-fails`, { skip: 'as Keycloak' });

describe('requests that nobody answered', () => {
  before(() => plan.admin('PUT', '', { attributes: { cibaInterval: '1', cibaExpiresIn: '1' } }));
  after(() => plan.admin('PUT', '', { attributes: { cibaInterval: '1', cibaExpiresIn: '30' } }));

  for (const mode of ['poll', 'ping']) test(`${prefix}auth-req-id-expired: ${mode}`, async () => {
    const [client] = clients[mode];
    const begun = await begin(client, { requested_expiry: 1 }, { decision: null });
    assert.equal(begun.expires_in, 1);
    await sleep(2200);
    assertError(await redeem(client, begun.id), 'expired_token', [400]);
  });
});

// What the client's own endpoint answers is its own affair: nothing is sent twice, followed or forgotten.
describe('the endpoint of a client that is told', () => {
  for (const [module, reply] of [
    ['ping-backchannel-notification-endpoint-response-401', [401, 'text/plain', '']],
    ['ping-backchannel-notification-endpoint-response-403', [403, 'text/plain', '']],
    ['ping-backchannel-notification-endpoint-response-has-body', [200, 'application/json', '{"ok":true}']],
    ['ping-backchannel-notification-endpoint-return-redirect-request', () => [302, 'text/plain', '', { location: `${plan.application}/elsewhere` }]],
    ['ping-with-mtls-ciba-notification-endpoint-response-401-and-require-server-does-not-retry', [401, 'text/plain', '']],
  ]) test(prefix + module, async () => {
    const [, other] = clients.ping;
    plan.serves.set(`/notify/${other.id}`, () => (typeof reply === 'function' ? reply() : reply));
    const begun = await begin(other, {});
    await told(other, begun);
    await sleep(1500);
    assert.equal(plan.got.filter(message => message.body.includes(begun.id)).length, 1, 'told once');
    assert.ok(!plan.got.some(message => message.path === '/elsewhere'), 'not followed');
    const answer = await redeem(other, begun.id);
    assert.equal(answer.status, 200, answer.text);
  });
});
