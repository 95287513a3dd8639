// The pages of a realm with organizations: who comes, for which organization, another one after all; at a desk in English and light, on a phone in
// German and dark, and without script. What each page is held to beside its own words stands in lib/browser.mjs.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Person, launch, looks } from './lib/browser.mjs';
import { Castellan } from './lib/castellan.mjs';
import { application } from './lib/people.mjs';

const password = 'Correct-horse-1';

let server, browser, app;
before(async () => {
  [server, browser, app] = await Promise.all([Castellan.start(), launch(), application()]);
  const made = await server.admin('POST', '', {
    realm: 'orgs', displayName: 'Juniper & Sons', enabled: true, organizationsEnabled: true, registrationAllowed: true, internationalizationEnabled: true, supportedLocales: ['en', 'de'], defaultLocale: 'en',
    clients: [{ clientId: 'app', publicClient: true, redirectUris: [`${app.url}/*`] }],
    users: [{ username: 'alice', enabled: true, email: 'alice@example.org', emailVerified: true, firstName: 'Alice', lastName: 'Ames', credentials: [{ type: 'password', value: password }] }],
  });
  assert.equal(made.status, 201, await made.text());
  const [{ id }] = await (await server.admin('GET', '/orgs/users?username=alice')).json();
  for (const name of ['Acme', 'Globex & Daughters, makers of all that turns']) {
    const alias = name.split(' ')[0].toLowerCase();
    const organization = await server.admin('POST', '/orgs/organizations', { name, alias, enabled: true, domains: [{ name: `${alias}.example` }] });
    assert.equal(organization.status, 201, await organization.text());
    const joined = await server.admin('POST', `/orgs/organizations/${organization.headers.get('location').split('/').pop()}/members`, id);
    assert.equal(joined.status, 201, await joined.text());
  }
});
after(async () => {
  await browser?.close();
  app?.stop();
  await server?.stop();
});

for (const [kind, look] of [...Object.entries(looks), ['desk without script', { ...looks.desk, options: { javaScriptEnabled: false } }]]) test(`who comes, and for which organization, on a ${kind}`, async () => {
  const person = await Person.arrive(browser, server.base, look, look.options);
  const { page } = person;
  const open = () => page.goto(`${server.realm('orgs')}/protocol/openid-connect/auth?${new URLSearchParams({ client_id: 'app', redirect_uri: `${app.url}/callback`, response_type: 'code', scope: 'openid organization' })}`);
  const choose = async alias => {
    await person.sees('select-organization');
    assert.equal(await page.locator('button[name="kc.org"]').count(), 2);
    await page.locator(`button[value="${alias}"]`).click();
  };
  await open();
  await person.sees('login-username', 'who comes');
  await person.submit({ username: 'nobody@acme.example' });
  await person.sees('login-username', 'who comes, address of an organization');
  await person.submit({ username: 'alice' });
  await choose('acme');
  await person.sees('login', 'login for an organization');
  assert.equal(await page.locator('#username').count(), 0);
  await page.locator('#kc-switch-organization-form button').click();
  await choose('globex');
  await person.submit({ password });
  await page.waitForURL(url => url.href.startsWith(app.url));

  // Signed in already, only the choice is left.
  await open();
  await choose('acme');
  await page.waitForURL(url => url.href.startsWith(app.url));
  await person.leave();
});
