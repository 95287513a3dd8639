// Clients that need a browser: the samples that sign people in, each with the library that it is about, and openid-client.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as oidc from 'openid-client';
import { Person, launch, looks } from './lib/browser.mjs';
import { Castellan, api, sampleRealm, top, web } from './lib/castellan.mjs';
import { application } from './lib/people.mjs';
import { Program, freePort } from './lib/program.mjs';

let server, browser, apiUrl, spaUrl, webUrl;
const programs = [];
before(async () => {
  server = await Castellan.start({ realms: [sampleRealm] });
  browser = await launch();
  [apiUrl, spaUrl, webUrl] = (await Promise.all([freePort(), freePort(), freePort()])).map(port => `http://localhost:${port}`);
  const settings = { REALM_URL: server.realm('myrealm'), API_URL: apiUrl, ALLOWED_ORIGIN: spaUrl };
  const begin = async (command, parameters, url, env, status) => {
    const program = new Program(command, parameters, { env: { ...settings, ...env } });
    programs.push(program);
    await program.answers(url, status);
  };
  await begin(api, [], `${apiUrl}/users`, { ASPNETCORE_URLS: apiUrl }, 401);
  await begin(process.execPath, [join(top, 'samples/spa/server.js')], spaUrl, { PORT: new URL(spaUrl).port });
  await begin('dotnet', [web], webUrl, { ASPNETCORE_URLS: webUrl });
  await register('web', { redirectUris: [`${spaUrl}/*`] });
  await register('my-web-app', { redirectUris: [`${webUrl}/signin-oidc`], attributes: { 'post.logout.redirect.uris': `${webUrl}/signout-callback-oidc` } });
});
after(async () => {
  await browser?.close();
  for (const program of programs) await program.stop();
  await server?.stop();
});

/** The samples listen elsewhere than their realm file says. */
async function register(clientId, changes) {
  const [client] = await (await server.admin('GET', `/myrealm/clients?clientId=${clientId}`)).json();
  const response = await server.admin('PUT', `/myrealm/clients/${client.id}`, { ...client, ...changes, attributes: { ...client.attributes, ...changes.attributes } });
  assert.equal(response.status, 204, await response.text());
}

/** A test with a person of its own, who must leave without a complaint. */
const walk = (what, act) => test(what, async () => {
  const person = await Person.arrive(browser, server.base, looks.desk);
  try {
    await act(person, person.page);
    person.isClean();
  } finally {
    await person.context.close();
  }
});

const says = (page, id, words) => page.locator(`#${id}`, { hasText: words }).waitFor();

for (const [library, path] of [['keycloak-js', 'keycloak.html'], ['oidc-client-ts', 'oidc.html']]) describe(`samples/spa with ${library}`, () => {
  const begin = async (person, username) => {
    await person.page.goto(`${spaUrl}/${path}`);
    await says(person.page, 'who', 'Nobody');
    await person.page.locator('#sign-in').click();
    await person.submit({ username, password: username });
    await says(person.page, 'who', `Signed in as ${username}`);
  };

  walk('signs in, calls the API, signs out', async (person, page) => {
    await begin(person, 'alice');
    await page.locator('#call').click();
    await says(page, 'answer', '200 [');
    await page.locator('#sign-out').click();
    await says(page, 'who', 'Nobody');
    await page.locator('#sign-in').click();
    await person.sees('login', `login after ${library} signed out`);
  });

  walk('somebody without the role hears it from the API', async (person, page) => {
    await begin(person, 'bob');
    await page.locator('#call').click();
    await says(page, 'answer', '403');
  });
});

describe('samples/spa with keycloak-js: one session for all', () => {
  walk('a second tab is signed in without a question, and both notice that the session ends', async (person, first) => {
    await first.goto(`${spaUrl}/keycloak.html`);
    await first.locator('#sign-in').click();
    await person.submit({ username: 'alice', password: 'alice' });
    await says(first, 'who', 'Signed in as alice');

    const asked = [];
    const second = await person.context.newPage();
    second.on('request', request => { if (request.url().startsWith(server.base)) asked.push(new URL(request.url()).pathname.split('/').pop()); });
    await second.goto(`${spaUrl}/keycloak.html`);
    await says(second, 'who', 'Signed in as alice');
    for (const frame of ['step1.html', 'step2.html', 'auth', 'login-status-iframe.html']) assert.ok(asked.includes(frame), `${frame} was not asked for: ${asked}`);
    assert.ok(second.url().startsWith(spaUrl), 'the page itself never left');

    await second.locator('#sign-out').click();
    await says(second, 'who', 'Nobody');
    await says(first, 'who', 'Nobody'); // by the frame that watches the session, every five seconds
  });
});

describe("samples/web with the framework's own handler", () => {
  walk('signs in, calls the API, signs out here and at the realm', async (person, page) => {
    await page.goto(webUrl);
    await page.locator('#sign-in').click();
    await person.sees('login', 'login for the web application');
    await person.submit({ username: 'alice', password: 'alice' });
    await says(page, 'answer', '200 [');
    await page.locator('#home').click();
    await says(page, 'who', 'Signed in as alice');
    await page.locator('#sign-out').click();
    await says(page, 'who', 'Nobody');
    await page.locator('#sign-in').click();
    await person.sees('login', 'login after the web application signed out');
  });
});

describe('openid-client', () => {
  let app, config;
  before(async () => {
    app = await application();
    await register('my-api-client', { redirectUris: [`${app.url}/callback`], attributes: { 'post.logout.redirect.uris': `${app.url}/bye` } });
    config = await oidc.discovery(new URL(server.realm('myrealm')), 'my-api-client', 'my-api-secret', undefined, { execute: [oidc.allowInsecureRequests] });
  });
  after(() => app?.stop());

  for (const [what, build] of [
    ['by its address', parameters => oidc.buildAuthorizationUrl(config, parameters)],
    ['by a request that it pushed', parameters => oidc.buildAuthorizationUrlWithPAR(config, parameters)],
  ]) walk(`signs a person in ${what}, and out`, async (person, page) => {
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const url = await build({
      redirect_uri: `${app.url}/callback`, scope: 'openid email', state, nonce, code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
    });
    await page.goto(url.href);
    await person.submit({ username: 'alice', password: 'alice' });
    await page.waitForURL(`${app.url}/callback?*`);
    const tokens = await oidc.authorizationCodeGrant(config, new URL(page.url()), { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true });
    assert.equal(tokens.claims().email, 'alice@example.com');
    assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).email, 'alice@example.com');

    await page.goto(oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: `${app.url}/bye` }).href);
    await page.waitForURL(`${app.url}/bye*`);
    await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
  });
});
