// OpenID Connect Core and Discovery, as the OpenID Foundation's plans for the basic, implicit, hybrid, form post and config profiles ask for them.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeProtectedHeader } from 'jose';
import { words } from './lib/browser.mjs';
import { Plan } from './lib/plan.mjs';
import { RelyingParty, assertCode, assertError, keyPair, sign, thumbprint, unsigned } from './lib/relying-party.mjs';

let plan, client;
before(async () => {
  plan = await Plan.start();
  client = await RelyingParty.register(plan, { grant_types: ['authorization_code', 'refresh_token'] });
});
after(() => plan?.stop());

const flows = ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token'];
const shown = answer => words(answer.page ?? '');
const assertPage = (answer, what) => {
  assert.ok(answer.page, `nothing goes to the application: ${JSON.stringify(answer.values)}`);
  assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
  assert.match(shown(answer), what);
};

describe('discovery', () => {
  test('oidcc-discovery-endpoint-verification', async () => {
    const answer = await plan.wire.send(`${plan.issuer}/.well-known/openid-configuration`);
    assert.equal(answer.status, 200);
    assert.match(answer.type, /^application\/json/);
    const said = answer.json;
    assert.equal(said.issuer, plan.issuer);
    for (const [name, value] of Object.entries(said)) if (/_endpoint$|_uri$|_iframe$/.test(name)) assert.match(value, /^https:\/\//, name);
    for (const name of ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri', 'registration_endpoint']) assert.ok(said[name], name);
    for (const [name, values] of Object.entries({
      response_types_supported: [...flows, 'none'], response_modes_supported: ['query', 'fragment', 'form_post'], grant_types_supported: ['authorization_code', 'implicit'],
      subject_types_supported: ['public', 'pairwise'], id_token_signing_alg_values_supported: ['RS256'], scopes_supported: ['openid'], request_object_signing_alg_values_supported: ['none', 'RS256'],
      userinfo_signing_alg_values_supported: ['RS256'], token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'], claims_supported: ['sub', 'name', 'email'],
    })) for (const value of values) assert.ok(said[name].some(one => one.split(' ').sort().join() === value.split(' ').sort().join()), `${name}: ${value}`);
    for (const name of ['claims_parameter_supported', 'request_parameter_supported', 'request_uri_parameter_supported', 'require_request_uri_registration', 'authorization_response_iss_parameter_supported']) assert.equal(said[name], true, name);
  });

  test('oidcc-server: the key set', async () => {
    const { keys } = await client.serverKeys();
    assert.equal(new Set(keys.map(key => key.kid)).size, keys.length);
    for (const key of keys) {
      assert.ok(key.kid && key.kty && key.use && key.alg);
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) assert.equal(key[secret], undefined, `the private member ${secret}`);
    }
  });
});

describe('each response type', () => {
  for (const flow of flows) for (const mode of [undefined, 'form_post']) test(`oidcc-server: ${flow}${mode ? `, ${mode}` : ''}`, async () => {
    const party = await RelyingParty.register(plan, { response_types: [flow], grant_types: [...(/code/.test(flow) ? ['authorization_code'] : []), ...(/token/.test(flow) ? ['implicit'] : [])] });
    const answer = await party.granted({ response_type: flow, response_mode: mode });
    const { code, id_token: idToken, access_token: accessToken, token_type: type, expires_in: seconds, ...rest } = answer.values;
    assert.equal(answer.at, mode ? 'form' : flow === 'code' ? 'query' : 'fragment');
    assert.deepEqual(Object.keys(rest).filter(name => !['state', 'iss', 'session_state'].includes(name)), []);
    for (const [value, wanted] of [[code, /code/], [idToken, /id_token/], [accessToken, /\btoken/]]) assert.equal(value !== undefined, wanted.test(flow.replace(wanted.source === '\\btoken' ? 'id_token' : '', '')), `${wanted}`);
    if (accessToken) assert.ok(/^bearer$/i.test(type) && Number(seconds) > 0);
    const front = idToken && await party.idToken(idToken, { nonce: answer.asked.nonce, access_token: accessToken, code, state: answer.asked.state });
    let back;
    if (code) {
      assertCode(code);
      back = await party.tokens(answer);
      assert.equal(back.claims.sub, front?.sub ?? back.claims.sub);
    }
    const bearer = back?.access_token ?? accessToken;
    if (bearer) assert.equal((await party.userInfo(bearer)).json.sub, (front ?? back.claims).sub);
  });

  for (const flow of flows.filter(name => name !== 'code')) {
    const nonce = /id_token/.test(flow);
    test(nonce ? `oidcc-ensure-request-without-nonce-fails: ${flow}` : `a request without a nonce: ${flow}`, async () => {
      const party = await RelyingParty.register(plan, { response_types: [flow], grant_types: ['authorization_code', 'implicit'] });
      const answer = await party.authorize({ response_type: flow, nonce: undefined });
      if (!nonce) return assert.ok(answer.values.access_token);
      assert.deepEqual([answer.at, answer.values.error, answer.values.state, answer.values.iss], ['fragment', 'invalid_request', answer.asked.state, plan.issuer]);
    });
  }

  test('oidcc-ensure-request-without-nonce-succeeds-for-code-flow', async () => {
    await client.tokens(await client.granted({ nonce: undefined }));
  });

  for (const mode of [undefined, 'form_post']) test(`oidcc-response-type-missing${mode ? `: ${mode}` : ''}`, async () => {
    const answer = await client.authorize({ response_type: undefined, response_mode: mode });
    if (answer.page) return assertPage(answer, /response_type/);
    assert.equal(answer.at, mode ? 'form' : 'query');
    assert.ok(['invalid_request', 'unsupported_response_type'].includes(answer.values.error), answer.values.error);
    assert.equal(answer.values.state, answer.asked.state);
  });
});

describe('parameters of the request', () => {
  const accepted = {
    'oidcc-alternate-happy-flow': { scope: 'email profile openid' },
    'oidcc-claims-locales': { claims_locales: 'se' },
    'oidcc-ui-locales': { ui_locales: 'se en' },
    'oidcc-display-page': { display: 'page' },
    'oidcc-display-popup': { display: 'popup' },
    'oidcc-ensure-request-with-unknown-parameter-succeeds': { extra: 'foobar' },
    'oidcc-ensure-request-with-acr-values-succeeds': { acr_values: '1 2' },
  };
  for (const [name, changes] of Object.entries(accepted)) test(name, async () => {
    const { claims } = await client.tokens(await client.granted(changes));
    if (changes.acr_values) assert.ok(changes.acr_values.split(' ').includes(claims.acr), `acr ${claims.acr}`);
  });

  test('oidcc-ensure-post-request-succeeds', async () => {
    const asked = client.request();
    const answer = await plan.browser().authorize(plan.discovery.authorization_endpoint, { form: asked });
    await client.tokens({ ...answer, asked });
  });

  for (const method of ['S256', 'plain']) test(`oidcc-ensure-request-with-valid-pkce-succeeds: ${method}`, async () => {
    const verifier = randomBytes(32).toString('base64url');
    const answer = await client.granted({ code_challenge: method === 'S256' ? thumbprint(verifier) : verifier, code_challenge_method: method });
    await client.tokens({ ...answer, verifier });
  });

  test('oidcc-login-hint', async () => {
    const browser = plan.browser();
    const { page } = await browser.open(`${plan.discovery.authorization_endpoint}?${new URLSearchParams(client.request({ login_hint: 'alice@example.org' }))}`);
    assert.match(page, /value="alice@example\.org"/);
  });

  test('oidcc-id-token-hint', async () => {
    const first = await client.granted();
    const { claims, id_token: hint } = await client.tokens(first);
    const second = await client.tokens(await client.granted({ prompt: 'none', id_token_hint: hint }, { browser: first.browser }));
    assert.equal(second.claims.sub, claims.sub);
  });

  test('oidcc-prompt-none-logged-in', async () => {
    const first = await client.granted();
    const { claims } = await client.tokens(first);
    const again = await client.tokens(await client.granted({ prompt: 'none' }, { browser: first.browser }));
    assert.deepEqual([again.claims.sub, again.claims.auth_time], [claims.sub, claims.auth_time]);
  });

  test('oidcc-prompt-none-not-logged-in', async () => {
    const { values, asked } = await client.authorize({ prompt: 'none' });
    assert.ok(['login_required', 'interaction_required', 'account_selection_required', 'consent_required'].includes(values.error), values.error);
    assert.equal(values.state, asked.state);
  });

  test('oidcc-prompt-login', async () => {
    const { first, second, asked } = await twice({ prompt: 'login' });
    assert.ok(second.claims.auth_time > first.claims.auth_time);
    assert.deepEqual(asked, ['kc-form-login']);
  });

  test('oidcc-max-age-1', async () => {
    const { first, second, asked } = await twice({ max_age: '1' }, 2100);
    assert.ok(second.claims.auth_time > first.claims.auth_time);
    assert.ok(Math.abs(second.claims.auth_time - Date.now() / 1000) < 5);
    assert.deepEqual(asked, ['kc-form-login']);
  });

  test('oidcc-max-age-10000', async () => {
    const { first, second, asked } = await twice({ max_age: '10000' });
    assert.equal(second.claims.auth_time, first.claims.auth_time);
    assert.deepEqual(asked, []);
  });

  /** Signs in twice at one browser, the second time with these parameters. */
  async function twice(changes, wait = 1100) {
    const answer = await client.granted({ max_age: changes.max_age && '15000' });
    const first = await client.tokens(answer);
    await sleep(wait);
    const again = await client.granted(changes, { browser: answer.browser });
    const second = await client.tokens(again);
    assert.equal(second.claims.sub, first.claims.sub);
    assert.ok(Number.isInteger(second.claims.auth_time));
    return { first, second, asked: answer.browser.asked };
  }
});

describe('addresses of the client', () => {
  const refused = {
    'oidcc-ensure-registered-redirect-uri': uri => `${uri}/more`,
    'oidcc-redirect-uri-query-added': uri => `${uri}?foo=bar`,
    'oidcc-ensure-redirect-uri-in-authorization-request': () => undefined,
  };
  for (const [name, change] of Object.entries(refused)) test(name, async () => {
    const party = name.endsWith('in-authorization-request') ? await RelyingParty.register(plan, { redirect_uris: [`${plan.application}/one`, `${plan.application}/two`] }) : client;
    assertPage(await party.authorize({ redirect_uri: change(party.redirectUri) }), /redirect_uri/);
  });

  test('oidcc-redirect-uri-query-OK', async () => {
    const party = await RelyingParty.register(plan, { redirect_uris: [`${plan.application}/callback?foo=bar`] });
    const answer = await party.granted();
    assert.equal(answer.values.foo, 'bar');
    await party.tokens(answer);
  });

  test('oidcc-redirect-uri-query-mismatch', async () => {
    const party = await RelyingParty.register(plan, { redirect_uris: [`${plan.application}/callback?foo=bar`] });
    assertPage(await party.authorize({ redirect_uri: `${plan.application}/callback?bar=foo` }), /redirect_uri/);
  });
});

describe('request objects', () => {
  const object = (changes = {}) => ({ ...client.request(), iss: client.id, aud: plan.issuer, ...changes });
  const outside = claims => ({ response_type: claims.response_type, scope: 'openid', state: undefined, nonce: undefined, redirect_uri: undefined });

  test('oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported', async () => {
    const claims = object();
    const answer = await client.authorize({ ...outside(claims), request: unsigned(claims) });
    assert.equal(answer.values?.state, claims.state, shown(answer));
    await client.tokens({ ...answer, asked: claims });
  });

  test('oidcc-ensure-request-object-with-redirect-uri', async () => {
    const claims = object({ redirect_uri: `${client.redirectUri}/more` });
    assertPage(await client.authorize({ redirect_uri: client.redirectUri, request: unsigned(claims) }), /redirect_uri/);
  });

  for (const name of ['oidcc-request-uri-unsigned', 'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported', 'oidcc-request-uri-signed-rs256']) test(name, async () => {
    const path = `/${name}.jwt`;
    const signed = name.endsWith('rs256');
    const key = await keyPair('RS256');
    const party = await RelyingParty.register(plan, {
      request_uris: [plan.application + path], request_object_signing_alg: signed ? 'RS256' : 'none', ...(signed ? { jwks: { keys: [key.jwk] } } : {}),
    });
    const claims = { ...party.request(), iss: party.id, aud: plan.issuer };
    plan.publish(path, 'application/oauth-authz-req+jwt', signed ? await sign(key, claims) : unsigned(claims));
    const answer = await party.authorize({ ...outside(claims), request_uri: plan.application + path });
    assert.equal(answer.values?.state, claims.state, answer.values ? JSON.stringify(answer.values) : shown(answer));
    await party.tokens({ ...answer, asked: claims });
  });
});

describe('claims and scopes', () => {
  const scopes = {
    profile: ['name', 'given_name', 'family_name', 'preferred_username'], email: ['email', 'email_verified'], phone: ['phone_number', 'phone_number_verified'], address: ['address'],
  };
  for (const asked of ['profile', 'email', 'phone', 'address', 'profile email phone address']) test(`oidcc-scope-${asked.includes(' ') ? 'all' : asked}`, async () => {
    const party = await RelyingParty.register(plan, { scope: 'profile email phone address' });
    const { access_token: token, scope } = await party.tokens(await party.granted({ scope: `openid ${asked}` }));
    for (const name of asked.split(' ')) assert.ok(scope.split(' ').includes(name), scope);
    const person = (await party.userInfo(token)).json;
    for (const [name, claims] of Object.entries(scopes)) for (const claim of claims) assert.equal(claim in person, asked.split(' ').includes(name), `${claim}: ${JSON.stringify(person)}`);
    for (const flag of ['email_verified', 'phone_number_verified']) if (flag in person) assert.equal(typeof person[flag], 'boolean', flag);
    if ('address' in person) assert.equal(typeof person.address, 'object');
  });

  test('oidcc-claims-essential', async () => {
    const { access_token: token } = await client.tokens(await client.granted({ scope: 'openid profile', claims: JSON.stringify({ userinfo: { name: { essential: true } } }) }));
    assert.equal((await client.userInfo(token)).json.name, 'Alice Ames');
  });
});

describe('the code and the tokens', () => {
  for (const name of ['oidcc-codereuse', 'oidcc-codereuse-30seconds']) test(name, async () => {
    const answer = await client.granted();
    const { access_token: token, refresh_token: refresh } = await client.tokens(answer);
    assertError(await client.exchange(answer), 'invalid_grant', [400]);
    if (name === 'oidcc-codereuse') return;
    // RFC 6749 §4.1.2: what was given for the code counts no more.
    assert.equal((await client.userInfo(token)).status, 401);
    assertError(await client.post(plan.discovery.token_endpoint, { grant_type: 'refresh_token', refresh_token: refresh }), 'invalid_grant', [400]);
  });

  test('oidcc-refresh-token', async () => {
    const answer = await client.granted({ scope: 'openid offline_access', prompt: 'consent' });
    const first = await client.tokens(answer);
    assert.match(first.refresh_token, /^[\x20-\x7e]+$/);
    const got = await client.post(plan.discovery.token_endpoint, { grant_type: 'refresh_token', refresh_token: first.refresh_token });
    assert.equal(got.status, 200, got.text);
    const claims = await client.idToken(got.json.id_token, { access_token: got.json.access_token });
    assert.deepEqual([claims.sub, claims.iss, claims.auth_time], [first.claims.sub, first.claims.iss, first.claims.auth_time]);
    assert.notEqual(got.json.access_token, first.access_token);
    assert.equal((await client.userInfo(got.json.access_token)).status, 200);
    const other = await RelyingParty.register(plan);
    assertError(await other.post(plan.discovery.token_endpoint, { grant_type: 'refresh_token', refresh_token: got.json.refresh_token }), 'invalid_grant', [400]);
  });

  test('oidcc-idtoken-signature', async () => {
    const { id_token: token } = await client.tokens(await client.granted());
    assert.equal(decodeProtectedHeader(token).alg, 'RS256');
  });

  test('oidcc-server-client-secret-post', async () => {
    const party = await RelyingParty.register(plan, { token_endpoint_auth_method: 'client_secret_post' });
    await party.tokens(await party.granted());
  });

  for (const [name, audience] of [['oidcc-server', 'token_endpoint'], ['oidcc-ensure-client-assertion-with-iss-aud-succeeds', 'issuer']]) test(`${name}: private_key_jwt`, async () => {
    const key = await keyPair('PS256');
    const party = await RelyingParty.register(plan, { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key.jwk] } }, { keys: { assertion: key } });
    const got = await party.exchange(await party.granted(), {}, { assertion: { aud: plan.discovery[audience] } });
    assert.equal(got.status, 200, got.text);
  });

  test('oidcc-server-rotate-keys', async () => {
    const before = await client.serverKeys();
    const { id } = await plan.admin('GET', '');
    await plan.admin('POST', '/components', { name: 'younger', providerId: 'rsa-generated', providerType: 'org.keycloak.keys.KeyProvider', parentId: id, config: { priority: ['200'], keySize: ['2048'], algorithm: ['RS256'] } });
    const now = await client.serverKeys();
    for (const key of before.keys) assert.ok(now.keys.some(one => one.kid === key.kid), 'older keys stay');
    const { id_token: token } = await client.tokens(await client.granted());
    assert.ok(!before.keys.some(key => key.kid === decodeProtectedHeader(token).kid));
  });
});

describe('the person', () => {
  const ask = {
    'oidcc-userinfo-get': token => client.userInfo(token),
    'oidcc-userinfo-post-header': token => client.userInfo(token, { method: 'POST' }),
    'oidcc-userinfo-post-body': token => client.userInfo(token, { method: 'POST', form: { access_token: token } }),
  };
  for (const [name, how] of Object.entries(ask)) test(name, async () => {
    const { access_token: token, claims } = await client.tokens(await client.granted());
    const answer = await how(token);
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.type, /^application\/json/);
    assert.equal(answer.json.sub, claims.sub);
  });
});
