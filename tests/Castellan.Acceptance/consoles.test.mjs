// Keycloak's own consoles in a browser: every page of both, and what operators and people make and change in them. A page that says that
// something went wrong, an answer of 400 and above, an error of a script or a word that nobody wrote is a failure.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch } from './lib/browser.mjs';
import { Castellan } from './lib/castellan.mjs';
import { edit, edits } from './lib/console-edits.mjs';
import { accountPages, adminPages } from './lib/console-pages.mjs';
import { furnish, person } from './lib/console-realm.mjs';
import { ConsoleVisitor } from './lib/console-visitor.mjs';

const realm = 'everything';

describe('consoles', { concurrency: false }, () => {
  let server, browser, ids;
  before(async () => {
    server = await Castellan.start();
    ids = await furnish(api, realm);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  describe('the admin console', { concurrency: false }, () => {
    let operator;
    before(async () => {
      operator = await ConsoleVisitor.arrive(browser, server.base);
      await operator.signIn('/admin/master/console/#', 'admin', 'admin');
      operator.isClean();
    });
    after(() => operator?.leave());

    for (const area of ['realm', 'clients', 'authorization', 'scopes', 'roles', 'users', 'groups', 'sessions', 'authentication', 'providers', 'federation', 'organizations', 'workflows', 'permissions']) {
      test(`shows ${area}`, async () => {
        for (const [at, page] of adminPages(ids)[area].entries()) {
          const [route, turn] = page.split(' ');
          // The first is opened as a bookmark is, the others as links are.
          await operator.opens(`/${realm}${route}`, { reload: at === 0 });
          if (turn) await operator.turns(`/${realm}${route}`);
        }
        operator.isClean();
      });
    }

    for (const change of edits(realm)) {
      test(change[0], async () => {
        await edit(operator, change);
        operator.isClean();
      });
    }
  });

  test('the account console shows a person what is theirs, and saves it', async () => {
    const visitor = await ConsoleVisitor.arrive(browser, server.base);
    await visitor.signIn(`/realms/${realm}/account/`, person.username, person.password);
    for (const page of accountPages) await visitor.opens(page);
    await visitor.opens('', { reload: true });
    await visitor.saves('personal info', async page => {
      await page.locator('#firstName').fill('Wanja');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.locator('.pf-v5-c-alert.pf-m-success').first().waitFor();
    });
    const [saved] = await api('GET', `/${realm}/users?username=${person.username}&exact=true`);
    assert.equal(saved.firstName, 'Wanja');
    visitor.isClean();
    await visitor.leave();
  });

  test('speaks the language of whoever asks', async () => {
    const visitor = await ConsoleVisitor.arrive(browser, server.base, { locale: 'de' });
    await visitor.signIn(`/realms/${realm}/account/`, person.username, person.password);
    for (const page of accountPages) await visitor.opens(page);
    assert.match(await visitor.page.locator('body').innerText(), /Persönliche Angaben|Kontosicherheit/);
    assert.equal(await visitor.page.locator('html').getAttribute('lang'), 'de');
    visitor.isClean();
    await visitor.leave();
  });

  test('assets are kept by browsers, packed, and known again', async () => {
    const page = await (await fetch(`${server.base}/admin/master/console/`)).text();
    const script = /<script type="module" src="([^"]+)"/.exec(page)[1];
    const answer = await fetch(server.base + script, { headers: { 'accept-encoding': 'br' } });
    assert.match(answer.headers.get('cache-control'), /max-age=\d{6,}.*immutable/);
    assert.equal(answer.headers.get('content-encoding'), 'br');
    const again = await fetch(server.base + script, { headers: { 'accept-encoding': 'br', 'if-none-match': answer.headers.get('etag') } });
    assert.equal(again.status, 304);
  });

  async function api(method, path, body) {
    const response = await fetch(`${server.base}/admin/realms${path}`, {
      method, headers: { authorization: `Bearer ${await server.adminToken()}`, accept: 'application/json', 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }
});
