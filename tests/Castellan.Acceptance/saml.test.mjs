// SAML 2.0 with a real service provider (@node-saml/node-saml) in a real browser, and one realm that lets another one sign people in by SAML, each set up from the
// other's metadata.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SAML } from '@node-saml/node-saml';
import { Person, launch, looks } from './lib/browser.mjs';
import { Castellan } from './lib/castellan.mjs';
import { password } from './lib/people.mjs';

let server, browser;
before(async () => { [server, browser] = await Promise.all([Castellan.start(), launch()]); });
after(async () => { await browser?.close(); await server?.stop(); });

const alice = { username: 'alice', email: 'alice@example.org', firstName: 'Alice', lastName: 'Doe', enabled: true, credentials: [{ type: 'password', value: password }] };
const post = async (path, body) => {
  const answer = await server.admin('POST', path, body);
  const text = await answer.text();
  assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
  return text && JSON.parse(text);
};
const descriptor = realm => fetch(`${server.realm(realm)}/protocol/saml/descriptor`).then(answer => answer.text());

/** A key and its certificate, as an application brings them. */
async function keyPair() {
  const folder = await mkdtemp(join(tmpdir(), 'saml-'));
  const [key, certificate] = ['key.pem', 'cert.pem'].map(name => join(folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=app', '-days', '2', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const pair = { key: await readFile(key, 'utf8'), certificate: await readFile(certificate, 'utf8') };
  await rm(folder, { recursive: true });
  return pair;
}

/** An application that speaks SAML: /login leads away, /acs takes the assertion, /logout ends the session everywhere. */
async function application() {
  const app = { entityId: 'urn:example:app', heard: [], keys: await keyPair() };
  const listener = createServer(async (request, response) => {
    const url = new URL(request.url, app.url);
    const form = new URLSearchParams(await new Promise(done => { let text = ''; request.on('data', part => { text += part; }); request.on('end', () => done(text)); }));
    const to = location => response.writeHead(302, { location }).end();
    try {
      if (url.pathname === '/login') return to(await app.saml.getAuthorizeUrlAsync('the-state', undefined, {}));
      if (url.pathname === '/logout') return to(await app.saml.getLogoutUrlAsync(app.profile, 'the-state', {}));
      if (url.pathname === '/acs') {
        const { profile } = await app.saml.validatePostResponseAsync(Object.fromEntries(form));
        app.profile = profile;
        app.heard.push(`${profile.nameID} ${form.get('RelayState')}`);
      }
      if (url.pathname === '/slo') app.heard.push(`out ${(await app.saml.validatePostResponseAsync(Object.fromEntries(form))).loggedOut}`);
    } catch (error) {
      app.heard.push(`refused: ${error.message}`);
    }
    response.setHeader('content-type', 'text/html').end('<!doctype html><html lang="en"><title>The application</title><link rel="icon" href="data:,"><h1>Arrived</h1></html>');
  });
  await new Promise(done => listener.listen(0, '127.0.0.1', done));
  app.url = `http://localhost:${listener.address().port}`;
  app.stop = () => { listener.closeAllConnections(); listener.close(); };
  return app;
}

describe('an application with node-saml', () => {
  let app;
  const attributes = () => ({
    'saml.client.signature': 'true', 'saml.server.signature': 'true', 'saml.assertion.signature': 'true', 'saml.authnstatement': 'true', 'saml.force.post.binding': 'true',
    'saml.signing.certificate': app.keys.certificate.replace(/-----.*?-----|\s/g, ''), saml_name_id_format: 'email', saml_single_logout_service_url_post: `${app.url}/slo`,
  });
  before(async () => {
    app = await application();
    await post('', { realm: 'saml', enabled: true, users: [alice], roles: { realm: [{ name: 'reader' }] } });
    await post('/saml/clients', { clientId: app.entityId, protocol: 'saml', redirectUris: [`${app.url}/acs`], attributes: attributes() });
    const entryPoint = `${server.realm('saml')}/protocol/saml`;
    app.saml = new SAML({
      issuer: app.entityId, audience: app.entityId, callbackUrl: `${app.url}/acs`, entryPoint, logoutUrl: entryPoint, logoutCallbackUrl: `${app.url}/slo`, idpIssuer: server.realm('saml'),
      idpCert: (await descriptor('saml')).match(/<ds:X509Certificate>([^<]+)/)[1], privateKey: app.keys.key, signatureAlgorithm: 'sha256', wantAuthnResponseSigned: true,
      wantAssertionsSigned: true, validateInResponseTo: 'ifPresent', identifierFormat: null, disableRequestedAuthnContext: true,
    });
  });
  after(() => app?.stop());

  for (const [name, look] of Object.entries(looks)) test(`signs people in and out on a ${name}`, async () => {
    app.heard = [];
    const person = await Person.arrive(browser, server.base, look);
    await person.page.goto(`${app.url}/login`);
    await person.submit({ username: 'alice', password });
    await person.page.waitForURL(`${app.url}/acs`);
    assert.deepEqual(app.heard, ['alice@example.org the-state']);
    await person.page.goto(`${app.url}/login`);
    await person.page.waitForURL(`${app.url}/acs`);
    assert.equal(app.heard.length, 2, 'single sign-on asks for nothing');
    await person.page.goto(`${app.url}/logout`);
    await person.page.waitForURL(`${app.url}/slo`);
    assert.equal(app.heard.pop(), 'out true');
    await person.page.goto(`${app.url}/login`);
    await person.page.locator('#kc-form-login').waitFor();
    await person.leave();
  });

  test('without script goes on by a button', async () => {
    app.heard = [];
    const person = await Person.arrive(browser, server.base, looks.desk, { javaScriptEnabled: false });
    await person.page.goto(`${app.url}/login`);
    await person.submit({ username: 'alice', password });
    await person.sees('saml-post-form');
    await person.page.locator('form button, form input[type=submit]').click();
    await person.page.waitForURL(`${app.url}/acs`);
    assert.deepEqual(app.heard, ['alice@example.org the-state']);
    await person.leave();
  });

  test('is refused when somebody else signs its request', async () => {
    const stranger = new SAML({ ...app.saml.options, privateKey: (await keyPair()).key });
    const answer = await fetch(await stranger.getAuthorizeUrlAsync('', undefined, {}));
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /Invalid requester/);
  });
});

test('a realm lets another one sign people in by SAML, each set up from the other\'s metadata', async () => {
  await post('', { realm: 'far', enabled: true, users: [alice] });
  await post('', { realm: 'near', enabled: true, clients: [{ clientId: 'app', publicClient: true, redirectUris: [`${server.base}/arrived`] }] });
  const config = await post('/near/identity-provider/import-config', { providerId: 'saml', fromUrl: `${server.realm('far')}/protocol/saml/descriptor` });
  await post('/near/identity-provider/instances', { alias: 'far', providerId: 'saml', enabled: true, trustEmail: true,
    config: { ...config, wantAuthnRequestsSigned: 'true', postBindingResponse: 'true', postBindingAuthnRequest: 'true', nameIDPolicyFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress' } });
  const metadata = await (await fetch(`${server.realm('near')}/broker/far/endpoint/descriptor`)).text();
  const converted = await (await fetch(`${server.base}/admin/realms/far/client-description-converter`, {
    method: 'POST', headers: { authorization: `Bearer ${await server.adminToken()}`, 'content-type': 'application/xml' }, body: metadata })).json();
  assert.equal(converted.clientId, server.realm('near'));
  await post('/far/clients', converted);

  const person = await Person.arrive(browser, server.base);
  await person.page.goto(`${server.realm('near')}/protocol/openid-connect/auth?${new URLSearchParams({ client_id: 'app', response_type: 'code', scope: 'openid', redirect_uri: `${server.base}/arrived`, kc_idp_hint: 'far' })}`);
  await person.page.waitForURL(url => url.pathname.startsWith('/realms/far/'));
  await person.submit({ username: 'alice', password });
  await person.page.waitForURL(url => url.pathname.startsWith('/realms/near/'));
  await person.submit({ firstName: 'Alice', lastName: 'Doe' });
  await person.page.waitForURL(url => url.pathname === '/arrived');
  assert.ok(new URL(person.page.url()).searchParams.get('code'));
  const [linked] = await (await server.admin('GET', '/near/users?email=alice@example.org')).json();
  const links = await (await server.admin('GET', `/near/users/${linked.id}/federated-identity`)).json();
  assert.deepEqual(links.map(link => [link.identityProvider, link.userId]), [['far', 'alice@example.org']]);
  await person.context.close();
});
