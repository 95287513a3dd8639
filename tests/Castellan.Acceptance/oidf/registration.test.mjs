// OpenID Connect Dynamic Client Registration, as the OpenID Foundation's plans for the dynamic and third-party login profiles ask for it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { Plan } from './lib/plan.mjs';
import { RelyingParty, assertError, keyPair } from './lib/relying-party.mjs';

let plan;
before(async () => { plan = await Plan.start(); });
after(() => plan?.stop());

const register = (metadata, headers = { authorization: `Bearer ${plan.initialAccess}` }) => plan.wire.send(plan.discovery.registration_endpoint, { json: { redirect_uris: [`${plan.application}/callback`], ...metadata }, headers });
const managed = (made, method, json) => plan.wire.send(made.registration_client_uri, { method, json, headers: { authorization: `Bearer ${made.registration_access_token}` } });

describe('the registration itself', () => {
  test('oidcc-server: registered, read, changed and gone again', async () => {
    const answer = await register({ client_name: 'Conformance', contacts: ['somebody@example.org'] });
    assert.equal(answer.status, 201);
    assert.match(answer.type, /^application\/json/);
    const made = answer.json;
    for (const name of ['client_id', 'client_secret', 'registration_access_token', 'registration_client_uri']) assert.ok(made[name], name);
    assert.ok(Number.isInteger(made.client_secret_expires_at), 'client_secret_expires_at');
    assert.deepEqual([made.redirect_uris, made.response_types.includes('code'), made.grant_types.includes('authorization_code')], [[`${plan.application}/callback`], true, true]);
    const read = await managed(made);
    assert.equal(read.status, 200);
    assert.equal(read.json.client_id, made.client_id);
    assert.equal((await managed({ ...made, registration_access_token: read.json.registration_access_token ?? made.registration_access_token }, 'DELETE')).status, 204);
    assert.equal((await managed(made)).status, 401);
  });

  test('oidcc-redirect-uri-regfrag', async () => {
    assertError(await register({ redirect_uris: [`${plan.application}/callback#foo=bar`] }), ['invalid_redirect_uri', 'invalid_client_metadata'], [400]);
  });

  test('oidcc-3rd_party-init-login', async () => {
    const uri = `${plan.application}/start`;
    const answer = await register({ initiate_login_uri: uri });
    assert.deepEqual([answer.status, answer.json.initiate_login_uri], [201, uri]);
    const read = await managed(answer.json);
    assert.deepEqual([read.status, read.json.initiate_login_uri], [200, uri]);
    assert.match(read.type, /^application\/json/);
  });

  test('oidcc-3rd_party-init-login-nohttps', async () => {
    assertError(await register({ initiate_login_uri: 'http://application.example/start' }), 'invalid_client_metadata', [400]);
  });
});

describe('what the person is shown', () => {
  for (const [module, member, path, pattern] of [
    ['oidcc-registration-logo-uri', 'logo_uri', '/logo.png', uri => `<img[^>]*src="${uri}"`],
    ['oidcc-registration-policy-uri', 'policy_uri', '/policy', uri => `<a[^>]*href="${uri}"`],
    ['oidcc-registration-tos-uri', 'tos_uri', '/terms', uri => `<a[^>]*href="${uri}"`],
  ]) test(module, async () => {
    const uri = plan.application + path;
    const party = await RelyingParty.register(plan, { [member]: uri });
    assert.equal(party.metadata[member], uri);
    const [client] = await plan.admin('GET', `/clients?clientId=${party.id}`);
    await plan.admin('PUT', `/clients/${client.id}`, { ...client, consentRequired: true });
    const browser = plan.browser();
    await browser.open(`${plan.discovery.authorization_endpoint}?${new URLSearchParams(party.request())}`);
    const { page } = await browser.submit({ username: 'alice', password: 'wonderland' });
    assert.match(page, new RegExp(pattern(uri.replaceAll('.', '\\.')), 'i'));
  });
});

describe('algorithms', () => {
  test('oidcc-idtoken-rs256', async () => {
    const party = await RelyingParty.register(plan, { id_token_signed_response_alg: 'RS256' });
    const { id_token: token } = await party.tokens(await party.granted());
    assert.deepEqual([decodeProtectedHeader(token).alg, typeof decodeProtectedHeader(token).kid], ['RS256', 'string']);
  });

  test('oidcc-idtoken-unsigned', async () => {
    // Not supported, and said so: discovery leaves it out.
    assert.ok(!plan.discovery.id_token_signing_alg_values_supported.includes('none'));
    const answer = await register({ id_token_signed_response_alg: 'none' });
    if (answer.status === 400) return;
    const party = new RelyingParty(plan, answer.json);
    const { id_token: token } = await party.tokens(await party.granted());
    assert.notEqual(decodeProtectedHeader(token).alg, 'none');
  });

  test('oidcc-userinfo-rs256', async () => {
    assert.ok(plan.discovery.userinfo_signing_alg_values_supported.includes('RS256'));
    const party = await RelyingParty.register(plan, { userinfo_signed_response_alg: 'RS256' });
    const { access_token: token, claims } = await party.tokens(await party.granted());
    const answer = await party.userInfo(token);
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.type, /^application\/jwt/);
    const { payload, protectedHeader } = await jwtVerify(answer.text, createLocalJWKSet(await party.serverKeys()), { issuer: plan.issuer, audience: party.id });
    assert.deepEqual([protectedHeader.alg, payload.sub, payload.nonce], ['RS256', claims.sub, undefined]);
  });
});

describe('keys at an address of the client', { concurrency: true }, () => {
  test('oidcc-registration-jwks-uri', async () => {
    const key = await keyPair('RS256');
    const party = await RelyingParty.register(plan, { jwks_uri: plan.publish('/keys-1', 'application/json', { keys: [key.jwk] }), token_endpoint_auth_method: 'private_key_jwt' }, { keys: { assertion: key } });
    await party.tokens(await party.granted());
  });

  test('oidcc-refresh-token-rp-key-rotation', async () => {
    const [older, younger] = [await keyPair('RS256', 'older'), await keyPair('RS256', 'younger')];
    const party = await RelyingParty.register(plan, {
      jwks_uri: plan.publish('/keys-2', 'application/json', { keys: [older.jwk] }), token_endpoint_auth_method: 'private_key_jwt', grant_types: ['authorization_code', 'refresh_token'],
    }, { keys: { assertion: older } });
    const { refresh_token: refresh } = await party.tokens(await party.granted({ scope: 'openid offline_access', prompt: 'consent' }));
    plan.publish('/keys-2', 'application/json', { keys: [younger.jwk] });
    party.keys = { assertion: younger };
    await sleep(10_200); // the server looks for unknown keys every ten seconds
    const again = await party.post(plan.discovery.token_endpoint, { grant_type: 'refresh_token', refresh_token: refresh });
    assert.equal(again.status, 200, again.text);
    party.keys = { assertion: older };
    assertError(await party.post(plan.discovery.token_endpoint, { grant_type: 'refresh_token', refresh_token: again.json.refresh_token }), 'invalid_client');
  });
});

describe('sectors', () => {
  test('oidcc-registration-sector-uri', async () => {
    const uris = ['https://one.example/callback', 'https://two.example/callback'];
    const sector = plan.publish('/sector', 'application/json', uris);
    const [one, two] = [await sectorOf(uris.slice(0, 1), sector), await sectorOf(uris.slice(1), sector)];
    assert.equal(one, two, 'one subject for one sector');
    assert.notEqual(one, await sectorOf(uris.slice(0, 1)), 'another one for another sector');
  });

  async function sectorOf(uris, sector) {
    const party = await RelyingParty.register(plan, { redirect_uris: uris, subject_type: 'pairwise', sector_identifier_uri: sector });
    assert.deepEqual([party.metadata.subject_type, party.metadata.sector_identifier_uri], ['pairwise', sector]);
    const { access_token: token, claims } = await party.tokens(await party.granted());
    assert.equal((await party.userInfo(token)).json.sub, claims.sub);
    return claims.sub;
  }

  test('oidcc-registration-sector-bad', async () => {
    const sector = plan.publish('/other-sector', 'application/json', ['https://else.example/callback']);
    assertError(await register({ redirect_uris: ['https://one.example/callback'], subject_type: 'pairwise', sector_identifier_uri: sector }), 'invalid_client_metadata', [400]);
  });
});
