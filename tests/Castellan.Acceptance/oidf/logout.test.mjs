// OpenID Connect RP-Initiated, Front-Channel and Back-Channel Logout and Session Management, as the OpenID Foundation's plans ask for them.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { launch } from '../lib/browser.mjs';
import { words } from './lib/browser.mjs';
import { Plan } from './lib/plan.mjs';
import { RelyingParty, keyPair, now, sign, unsigned } from './lib/relying-party.mjs';
import { parameters } from './lib/wire.mjs';

let plan, client;
before(async () => {
  plan = await Plan.start();
  client = await RelyingParty.register(plan, { post_logout_redirect_uris: [`${plan.application}/bye`] });
});
after(() => plan?.stop());

describe('what discovery says of signing out', () => {
  for (const [module, members] of Object.entries({
    'oidcc-rp-initiated-logout-discovery-endpoint-verification': [],
    'oidcc-backchannel-logout-discovery-endpoint-verification': ['backchannel_logout_supported', 'backchannel_logout_session_supported'],
    'oidcc-frontchannel-logout-discovery-endpoint-verification': ['frontchannel_logout_supported', 'frontchannel_logout_session_supported'],
    'oidcc-session-management-discovery-endpoint-verification': ['check_session_iframe'],
  })) test(module, () => {
    assert.match(plan.discovery.end_session_endpoint, /^https:/);
    for (const member of members) member === 'check_session_iframe' ? assert.match(plan.discovery[member], /^https:/) : assert.equal(plan.discovery[member], true, member);
  });
});

/** Signs in, asks to be signed out with the usual parameters changed, and says yes where the server asks; then finds out whether the session is gone. */
async function signOut(changes = () => ({}), party = client) {
  const { browser, values, asked } = await party.granted();
  const { id_token: token, claims } = await party.tokens({ values, asked });
  const request = { id_token_hint: token, post_logout_redirect_uri: `${plan.application}/bye`, state: 'a-state', ...await changes(token, claims) };
  const first = await browser.open(`${plan.discovery.end_session_endpoint}?${parameters(request)}`);
  let answer = first;
  const confirmed = answer.status === 200 && /name="confirmLogout"/.test(answer.page);
  if (confirmed) answer = await browser.submit({ confirmLogout: 'x' });
  const { values: after } = await party.authorize({ prompt: 'none' }, { browser });
  return { first, answer, confirmed, gone: after.error === 'login_required', claims };
}

describe('signing out by the application', () => {
  for (const [module, changes, state] of [
    ['oidcc-rp-initiated-logout', undefined, 'a-state'],
    ['oidcc-rp-initiated-logout-no-state', () => ({ state: undefined })],
  ]) test(module, async () => {
    const { answer, gone } = await signOut(changes);
    assert.equal(answer.uri, `${plan.application}/bye`, answer.page && words(answer.page));
    assert.deepEqual(answer.values, state ? { state } : {});
    assert.ok(gone);
  });

  for (const [module, changes] of [
    ['oidcc-rp-initiated-logout-no-params', () => ({ id_token_hint: undefined, post_logout_redirect_uri: undefined, state: undefined })],
    ['oidcc-rp-initiated-logout-only-state', () => ({ id_token_hint: undefined, post_logout_redirect_uri: undefined })],
    ['oidcc-rp-initiated-logout-no-post-logout-redirect-uri', () => ({ post_logout_redirect_uri: undefined })],
  ]) test(module, async () => {
    const { answer, gone, confirmed } = await signOut(changes);
    assert.deepEqual([answer.status, gone], [200, true]);
    assert.match(words(answer.page), /logged out/i);
    assert.equal(confirmed, !module.endsWith('redirect-uri'), 'without a hint, the person is asked');
  });

  for (const [module, changes, what] of [
    ['oidcc-rp-initiated-logout-bad-post-logout-redirect-uri', () => ({ post_logout_redirect_uri: `${plan.application}/elsewhere` }), /redirect/i],
    ['oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri', () => ({ post_logout_redirect_uri: `${plan.application}/bye?foo=bar` }), /redirect/i],
    ['oidcc-rp-initiated-logout-bad-id-token-hint', async (token, claims) => ({ id_token_hint: await sign(await keyPair('RS256'), { ...claims, iat: now() }) }), /token/i],
    ['oidcc-rp-initiated-logout-modified-id-token-hint', (token, claims) => ({ id_token_hint: unsigned(claims) }), /token/i],
    ['oidcc-rp-initiated-logout-no-id-token-hint', () => ({ id_token_hint: undefined }), /id_token_hint/i],
  ]) test(module, async () => {
    const { first, gone } = await signOut(changes);
    assert.ok(first.page, 'the application is not returned to');
    assert.equal(first.status, 400);
    assert.match(words(first.page), what);
    assert.equal(gone, false, 'nobody is signed out by a broken request');
  });
});

describe('applications that are told', () => {
  test('oidcc-backchannel-rp-initiated-logout', async () => {
    plan.serves.set('/backchannel', () => [200, 'text/plain', '', { 'cache-control': 'no-store' }]);
    const party = await RelyingParty.register(plan, {
      post_logout_redirect_uris: [`${plan.application}/bye`], backchannel_logout_uri: `${plan.application}/backchannel`, backchannel_logout_session_required: true,
    });
    const { claims, answer } = await signOut(undefined, party);
    assert.equal(answer.values.state, 'a-state');
    const told = await plan.arrived('/backchannel');
    assert.equal(told.method, 'POST');
    assert.match(told.headers['content-type'], /^application\/x-www-form-urlencoded/);
    const form = Object.fromEntries(new URLSearchParams(told.body));
    assert.deepEqual(Object.keys(form), ['logout_token']);
    const { payload, protectedHeader } = await jwtVerify(form.logout_token, createLocalJWKSet(await party.serverKeys()), { issuer: plan.issuer, audience: party.id });
    assert.ok(protectedHeader.kid && protectedHeader.alg === 'RS256');
    assert.deepEqual([payload.sub, payload.sid, payload.nonce], [claims.sub, claims.sid, undefined]);
    assert.ok(claims.sid && payload.jti && Math.abs(payload.iat - now()) < 60);
    assert.deepEqual(payload.events['http://schemas.openid.net/event/backchannel-logout'], {});
    assert.ok(payload.exp > now() && payload.exp <= now() + 180, 'it is for now');
  });

  test('oidcc-frontchannel-rp-initiated-logout', async () => {
    const party = await RelyingParty.register(plan, {
      post_logout_redirect_uris: [`${plan.application}/bye`], frontchannel_logout_uri: `${plan.application}/frontchannel`, frontchannel_logout_session_required: true,
    });
    const { answer, claims, gone } = await signOut(undefined, party);
    const frame = /<iframe[^>]*src="([^"]*\/frontchannel[^"]*)"/i.exec(answer.page ?? '')?.[1].replaceAll('&amp;', '&');
    assert.ok(frame, answer.page ?? JSON.stringify(answer));
    assert.deepEqual(Object.fromEntries(new URL(frame).searchParams), { iss: plan.issuer, sid: claims.sid });
    assert.ok(answer.page.replaceAll('&amp;', '&').includes(`${plan.application}/bye?state=a-state`), 'and on to the application');
    assert.ok(gone);
  });

  test('oidcc-session-management-rp-initiated-logout', async () => {
    const chromium = await launch();
    try {
      const context = await chromium.newContext({ ignoreHTTPSErrors: true });
      const page = await context.newPage();
      for (const path of ['/callback', '/bye']) plan.publish(path, 'text/html', '<!doctype html><title>The application</title>');
      context.setDefaultTimeout(10_000);
      const asked = client.request();
      await page.goto(`${plan.discovery.authorization_endpoint}?${parameters(asked)}`);
      await page.fill('#username', 'alice');
      await page.fill('#password', 'wonderland');
      await page.locator('#password').press('Enter');
      await page.waitForURL(`${plan.application}/callback?*`);
      const values = Object.fromEntries(new URL(page.url()).searchParams);
      assert.ok(values.session_state);
      const { id_token: hint } = await client.tokens({ values, asked });
      assert.equal(await ask(values.session_state), 'unchanged');
      await page.goto(`${plan.discovery.end_session_endpoint}?${parameters({ id_token_hint: hint, post_logout_redirect_uri: `${plan.application}/bye`, state: 'a-state' })}`);
      await page.waitForURL(`${plan.application}/bye?state=a-state`);
      assert.equal(await ask(values.session_state), 'changed');

      /** What the server's frame says of the session (OpenID Connect Session Management §3.1). */
      function ask(state) {
        return page.evaluate(([frame, message]) => new Promise(done => {
          const element = document.createElement('iframe');
          addEventListener('message', event => { if (event.source === element.contentWindow) done(event.data); });
          element.addEventListener('load', () => element.contentWindow.postMessage(message, new URL(frame).origin));
          element.src = frame;
          document.body.append(element);
        }), [plan.discovery.check_session_iframe, `${client.id} ${state}`]);
      }
    } finally {
      await chromium.close();
    }
  });
});
