// The pages of a device without a keyboard (RFC 8628): what its person types, sees and decides, at a desk in English and light, on a phone in German
// and dark, and without script. What each page is held to beside its own words stands in lib/browser.mjs.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Person, launch, looks } from './lib/browser.mjs';
import { Castellan } from './lib/castellan.mjs';

const grant = 'urn:ietf:params:oauth:grant-type:device_code';
const password = 'Correct-horse-1';
const name = 'devices';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([Castellan.start(), launch()]);
  const device = lifespan => ({ 'oauth2.device.authorization.grant.enabled': 'true', 'oauth2.device.polling.interval': '0', 'oauth2.device.code.lifespan': lifespan });
  const made = await server.admin('POST', '', {
    realm: name, displayName: 'Juniper & Sons', enabled: true, internationalizationEnabled: true, supportedLocales: ['en', 'de'], defaultLocale: 'en',
    clients: [
      { clientId: 'tv', name: 'The television in the hall', publicClient: true, attributes: device('600') },
      { clientId: 'hasty', name: 'A hasty device', publicClient: true, attributes: device('1') },
    ],
    users: [{ username: 'alice', enabled: true, email: 'alice@example.org', emailVerified: true, firstName: 'Alice', lastName: 'Ames', credentials: [{ type: 'password', value: password }] }],
  });
  assert.equal(made.status, 201, await made.text());
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const ask = async (client = 'tv') => {
  const answer = await fetch(`${server.realm(name)}/protocol/openid-connect/auth/device`, { method: 'POST', body: new URLSearchParams({ client_id: client, scope: 'openid email' }) });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
};
const poll = ({ device_code }) => server.token(name, { grant_type: grant, client_id: 'tv', device_code });

for (const [kind, look] of [...Object.entries(looks), ['desk without script', { ...looks.desk, options: { javaScriptEnabled: false } }]]) describe(`pages of a device on a ${kind}`, () => {
  const walk = (what, act) => test(what, async () => {
    const person = await Person.arrive(browser, server.base, look, look.options);
    try {
      await act(person, person.page);
      person.isClean();
    } finally {
      await person.context.close();
    }
  });
  const signsIn = async person => {
    await person.sees('login', 'device login');
    await person.submit({ username: 'alice', password });
    await person.sees('login-oauth-grant', 'device consent');
  };

  walk('the code is typed, wrong ones too; then sign-in, consent, done', async (person, page) => {
    const device = await ask();
    await page.goto(device.verification_uri);
    await person.sees('login-oauth2-device-verify-user-code', 'device code');
    assert.ok(await page.locator('#device-user-code').evaluate(input => input === document.activeElement));
    for (const wrong of ['', 'WRNG-CODE']) {
      await person.submit({ device_user_code: wrong });
      await person.sees('login-oauth2-device-verify-user-code', wrong ? 'device code, wrong' : 'device code, empty');
      assert.equal(await page.locator('#kc-locale').count(), 1);
      assert.equal(await page.locator('.pf-m-danger').count(), wrong ? 1 : 0);
      assert.equal(await page.locator('#device-user-code').getAttribute('aria-invalid'), wrong ? 'true' : 'false');
    }

    // As people type it: small, and without what stands between the halves.
    await person.submit({ device_user_code: device.user_code.toLowerCase() });
    await signsIn(person);
    assert.match(await page.locator('h1').innerText(), /The television in the hall/);
    assert.equal((await poll(device)).error, 'authorization_pending');
    await page.locator('#kc-login').click();
    await person.sees('info', 'device done');
    assert.equal(await page.locator('#kc-content a').count(), 0, 'nowhere to go');
    const tokens = await poll(device);
    assert.equal(tokens.status, 200, JSON.stringify(tokens));

    // Used up: the code does for nobody else.
    await page.goto(device.verification_uri_complete);
    await person.sees('login-oauth2-device-verify-user-code', 'device code, used');
    assert.equal(await page.locator('.pf-m-danger').count(), 1);
  });

  walk('by the complete address, signed in already: consent all the same, and it may be refused', async (person, page) => {
    await page.goto((await ask()).verification_uri_complete);
    await signsIn(person);
    await page.locator('#kc-login').click();
    await person.sees('info', 'device done');

    const second = await ask();
    await page.goto(second.verification_uri_complete);
    await person.sees('login-oauth-grant', 'device consent');
    await page.locator('#kc-cancel').click();
    await person.sees('info', 'device refused');
    assert.equal((await poll(second)).error, 'access_denied');
  });

  walk('a code whose time is over', async (person, page) => {
    const device = await ask('hasty');
    await sleep(1100);
    await page.goto(device.verification_uri);
    await person.submit({ device_user_code: device.user_code });
    await person.sees('login-oauth2-device-verify-user-code', 'device code, expired');
    assert.equal(await page.locator('.pf-m-danger').count(), 1);
    assert.notEqual(await page.locator('.pf-m-danger').innerText(), 'Invalid code, please try again.');
  });

  walk('a code whose time runs out during the sign-in', async (person, page) => {
    const device = await ask('hasty');
    await page.goto(device.verification_uri_complete);
    await person.sees('login', 'device login');
    await sleep(1100);
    await person.submit({ username: 'alice', password });
    if (await page.locator('#kc-login').count()) await page.locator('#kc-login').click();
    await person.sees('info', 'device too late');
  });
});
