// A realm that brokers another one, with openid-client for the application and people in a browser: who comes for the first time, who is here
// already, and who links an account on purpose. The pages are held to what lib/browser.mjs says, at both widths and in both schemes.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as oidc from 'openid-client';
import { mailSink } from '../parity/lib/mail-sink.mjs';
import { Person, launch, looks } from './lib/browser.mjs';
import { Castellan } from './lib/castellan.mjs';
import { application, password } from './lib/people.mjs';

let server, browser, app, mail;
before(async () => {
  [server, browser, app, mail] = await Promise.all([Castellan.start(), launch(), application(), mailSink()]);
});
after(async () => {
  await browser?.close();
  app?.stop();
  await mail?.stop();
  await server?.stop();
});

const brokerSecret = 'a-secret-for-the-broker';
const shared = { enabled: true, internationalizationEnabled: true, supportedLocales: ['en', 'de'], defaultLocale: 'en' };
const person = (username, more) => ({ username, enabled: true, firstName: 'Some', lastName: 'Body', credentials: [{ type: 'password', value: password }], ...more });

for (const [name, look] of Object.entries(looks)) describe(`brokering on a ${name}, in ${look.language}`, () => {
  const [near, far] = [`near-${name}`, `far-${name}`];
  let config;
  before(async () => {
    const post = async (path, body) => {
      const answer = await server.admin('POST', path, body);
      assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
    };
    await post('', { realm: far, displayName: 'The partner', ...shared,
      clients: [{ clientId: 'broker', secret: brokerSecret, redirectUris: [`${server.realm(near)}/broker/*`], attributes: { 'post.logout.redirect.uris': '+' } }],
      users: [person('frank', { email: 'frank@example.org' }), person('erin', { email: 'erin@example.org' }), person('heidi', { email: 'heidi@example.org' }), person('lena', { email: 'far-lena@example.org' }), person('olga', { email: 'olga@example.org' })] });
    await post('', { realm: near, displayName: 'Juniper & Sons', registrationAllowed: true, organizationsEnabled: true, smtpServer: mail.settings, ...shared,
      clients: [{ clientId: 'app', secret: 'the-secret-of-the-app', redirectUris: [`${app.url}/*`], baseUrl: `${app.url}/`, attributes: { 'post.logout.redirect.uris': '+' } }],
      users: [person('erin', { email: 'erin@example.org', emailVerified: true }), person('heidi', { email: 'heidi@example.org' }), person('olga', { email: 'olga@example.org' }),
        person('lena', { email: 'lena@example.org', realmRoles: [`default-roles-${near}`] })] }); // who links an account must be allowed to manage their own
    const url = `${server.realm(far)}/protocol/openid-connect`;
    const provider = { providerId: 'keycloak-oidc', enabled: true, config: {
      clientId: 'broker', clientSecret: brokerSecret, clientAuthMethod: 'client_secret_basic', issuer: server.realm(far), authorizationUrl: `${url}/auth`, tokenUrl: `${url}/token`, userInfoUrl: `${url}/userinfo`,
      jwksUrl: `${url}/certs`, logoutUrl: `${url}/logout`, useJwksUrl: 'true', validateSignature: 'true', pkceEnabled: 'true', pkceMethod: 'S256', defaultScope: 'openid profile email' } };
    await post(`/${near}/identity-provider/instances`, { ...provider, alias: 'partner', displayName: 'The partner' });
    await post(`/${near}/authentication/flows`, { alias: 'asking', providerId: 'basic-flow', topLevel: true, builtIn: false });
    for (const step of ['idp-detect-existing-broker-user', 'idp-confirm-override-link', 'idp-username-password-form']) {
      await post(`/${near}/authentication/flows/asking/executions/execution`, { provider: step });
    }
    for (const execution of await (await server.admin('GET', `/${near}/authentication/flows/asking/executions`)).json()) {
      assert.ok((await server.admin('PUT', `/${near}/authentication/flows/asking/executions`, { ...execution, requirement: 'REQUIRED' })).ok);
    }
    await post(`/${near}/identity-provider/instances`, { ...provider, alias: 'another', displayName: 'A second provider whose name is rather long', firstBrokerLoginFlowAlias: 'asking' });
    const [olga] = await (await server.admin('GET', `/${near}/users?username=olga`)).json();
    await post(`/${near}/users/${olga.id}/federated-identity/another`, { identityProvider: 'another', userId: 'the-old-account', userName: 'olga-of-old' });
    config = await oidc.discovery(new URL(server.realm(near)), 'app', 'the-secret-of-the-app', undefined, { execute: [oidc.allowInsecureRequests] });
  });

  /** A test with a person of its own, at the page from which the sign-in begins. */
  const walk = (what, act, query = {}) => test(what, async () => {
    const somebody = await Person.arrive(browser, server.base, look);
    const request = { verifier: oidc.randomPKCECodeVerifier(), state: oidc.randomState(), nonce: oidc.randomNonce() };
    try {
      await somebody.page.goto(oidc.buildAuthorizationUrl(config, {
        redirect_uri: `${app.url}/callback`, scope: 'openid email profile', state: request.state, nonce: request.nonce, code_challenge: await oidc.calculatePKCECodeChallenge(request.verifier), code_challenge_method: 'S256', ...query,
      }).href);
      await act(somebody, somebody.page, request);
      somebody.isClean();
    } finally {
      await somebody.context.close();
    }
  });

  /** Over the button to the partner, and signed in there. */
  const throughPartner = async (somebody, username, provider = 'partner') => {
    await somebody.page.locator(`#social-${provider}`).click();
    await somebody.page.waitForURL(url => url.pathname.includes(`/realms/${far}/`));
    await somebody.submit({ username, password });
  };

  /** What the application learns; its library checks every claim. */
  const tokens = async (page, { verifier, state, nonce }) => {
    await page.waitForURL(url => url.href.startsWith(`${app.url}/`)).catch(async () => assert.fail(`Not at the application but at ${page.url()}:\n${await page.locator('body').innerText()}`));
    return oidc.authorizationCodeGrant(config, new URL(page.url()), { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true });
  };

  const letter = async to => {
    const found = await mail.newest(to);
    assert.ok(found, `no mail to ${to}`);
    mail.mails.length = 0;
    return found.links.find(link => link.includes('/login-actions/action-token'));
  };

  walk('somebody new signs in, and out of both', async (somebody, page, request) => {
    await somebody.sees('login', 'login with providers');
    assert.deepEqual(await page.locator('#kc-social-providers a').allInnerTexts(), ['A second provider whose name is rather long', 'The partner']);
    await throughPartner(somebody, 'frank');
    const got = await tokens(page, request);
    assert.deepEqual([got.claims().email, got.claims().email_verified], ['frank@example.org', false]);
    await page.goto(oidc.buildEndSessionUrl(config, { id_token_hint: got.id_token, post_logout_redirect_uri: `${app.url}/out`, state: 'bye' }).href);
    await page.waitForURL(`${app.url}/out?state=bye`);
    assert.equal((await somebody.context.cookies()).filter(cookie => cookie.name === 'KEYCLOAK_IDENTITY').length, 0);
  });

  walk('somebody who is here already proves it by their password', async (somebody, page, request) => {
    await throughPartner(somebody, 'erin');
    await somebody.sees('login-idp-link-confirm');
    await page.locator('#updateProfile').click();
    await somebody.sees('idp-review-user-profile');
    await somebody.submit({ firstName: '' });
    await somebody.sees('idp-review-user-profile', 'idp review with an error');
    await somebody.submit({ firstName: 'Erin' });
    await page.locator('#linkAccount').click();
    await somebody.sees('login-idp-link-email');
    await page.locator('#kc-select-try-another-way-form button').click();
    await somebody.sees('select-authenticator', 'ways to prove a link');
    await page.locator('.way-button').last().click();
    await somebody.sees('login', 'login to link an account');
    assert.equal(await page.locator('#username').inputValue(), 'erin');
    await somebody.submit({ password: 'wrong' });
    await somebody.sees('login', 'login to link an account, wrong');
    await somebody.submit({ password });
    assert.equal((await tokens(page, request)).claims().preferred_username, 'erin');
  });

  walk('somebody who is here already proves it by a mail that they open elsewhere', async (somebody, page, request) => {
    await throughPartner(somebody, 'heidi');
    await page.locator('#linkAccount').click();
    await somebody.sees('login-idp-link-email', 'a mail is on its way');
    const reader = await Person.arrive(browser, server.base, look);
    await reader.page.goto(await letter('heidi@example.org'));
    await reader.sees('info', 'confirm a link');
    await reader.page.locator('#kc-info-message a').click();
    await reader.sees('info', 'link confirmed');
    await reader.leave();
    await page.locator('#instruction3 a').click();
    assert.equal((await tokens(page, request)).claims().preferred_username, 'heidi');
  });

  walk('somebody has another account take the place of the one that is linked', async (somebody, page, request) => {
    await throughPartner(somebody, 'olga', 'another');
    await somebody.sees('login-idp-link-confirm-override');
    assert.match(await page.locator('body').innerText(), /olga-of-old/);
    await page.locator('[name=submitAction][value=confirmOverride]').click();
    await somebody.sees('login', 'login to replace a link');
    await somebody.submit({ password });
    assert.equal((await tokens(page, request)).claims().preferred_username, 'olga');
  });

  walk('somebody links an account on purpose', async (somebody, page, request) => {
    await somebody.submit({ username: 'lena', password });
    await somebody.sees('link-idp-action');
    await page.locator('#kc-continue').click();
    await somebody.submit({ username: 'lena', password });
    await page.waitForURL(/kc_action_status=success/);
    assert.equal((await tokens(page, request)).claims().email, 'lena@example.org');
  }, { kc_action: 'idp_link:partner' });

  test('organizations: the name first, then which', async () => {
    const { json: users } = { json: await (await server.admin('GET', `/${near}/users?username=lena`)).json() };
    for (const alias of ['acme', 'globex']) {
      const made = await server.admin('POST', `/${near}/organizations`, { name: alias === 'acme' ? 'Acme & Company' : 'Globex', alias, domains: [{ name: `${alias}.example` }] });
      assert.equal(made.status, 201, await made.text());
      const joined = await server.admin('POST', `/${near}/organizations/${made.headers.get('location').split('/').pop()}/members`, users[0].id);
      assert.equal(joined.status, 201, await joined.text());
    }
    const somebody = await Person.arrive(browser, server.base, look);
    await somebody.page.goto(oidc.buildAuthorizationUrl(config, { redirect_uri: `${app.url}/callback`, scope: 'openid organization', state: 'st' }).href);
    await somebody.sees('login-username', 'who are you');
    await somebody.submit({ username: 'nobody@acme.example' });
    await somebody.sees('login-username', 'an address of an organization');
    await somebody.submit({ username: 'lena' });
    await somebody.sees('select-organization');
    await somebody.page.locator('.way-button').first().click();
    await somebody.sees('login', 'password for an organization');
    await somebody.submit({ password });
    await somebody.page.waitForURL(/code=/);
    await somebody.leave();
  });
});
