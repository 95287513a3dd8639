// An application with Keycloak's own adapter for Node (keycloak-connect): it is protected by the realm, and told at its admin URL when older tokens must count no more.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import express from 'express';
import Keycloak from 'keycloak-connect';
import { Castellan, sampleRealm } from './lib/castellan.mjs';
import { freePort } from './lib/program.mjs';

describe('an application with keycloak-connect', () => {
  let server, listener, url;
  before(async () => {
    server = await Castellan.start({ realms: [sampleRealm] });
    const port = await freePort();
    url = `http://localhost:${port}`;
    const keycloak = new Keycloak({}, { realm: 'myrealm', 'auth-server-url': server.base, resource: 'node-app', 'bearer-only': true, 'ssl-required': 'none' });
    const app = express();
    app.use(keycloak.middleware({ admin: '/' }));
    app.get('/users', keycloak.protect('realm:user-viewer'), (request, response) => response.json(['alice']));
    await new Promise(resolve => { listener = app.listen(port, resolve); });
    assert.equal((await server.admin('POST', '/myrealm/clients', { clientId: 'node-app', bearerOnly: true, adminUrl: url })).status, 201);
  });
  after(async () => { listener?.close(); await server?.stop(); });

  const users = token => fetch(`${url}/users`, { headers: token ? { authorization: `Bearer ${token}` } : {} }).then(response => response.status);
  const token = async username => {
    const answer = await server.token('myrealm', { grant_type: 'password', client_id: 'my-api-client', client_secret: 'my-api-secret', username, password: username });
    assert.equal(answer.status, 200, JSON.stringify(answer));
    return answer.access_token;
  };
  const post = path => server.admin('POST', `/myrealm/${path}`).then(response => response.json());
  const after1s = () => new Promise(resolve => setTimeout(resolve, 1100));

  test('opens to the role and to nobody else', async () => {
    assert.deepEqual([await users(await token('alice')), await users(await token('bob')), await users()], [200, 403, 403]);
  });

  test('refuses tokens from before a moment that is pushed to it', async () => {
    const old = await token('alice');
    await after1s();
    assert.equal((await server.admin('PUT', '/myrealm', { notBefore: Math.floor(Date.now() / 1000) })).status, 204);
    assert.equal(await users(old), 200, 'it is not told before the push');
    assert.deepEqual(await post('push-revocation'), { successRequests: [url] });
    assert.deepEqual([await users(old), await users(await token('alice'))], [403, 200]);
  });

  test('refuses the tokens of sessions that an administrator ended', async () => {
    const old = await token('alice');
    await after1s();
    assert.deepEqual(await post('logout-all'), { successRequests: [url] });
    assert.deepEqual([await users(old), await users(await token('alice'))], [403, 200]);
  });

  test('that is not there is told of', async () => {
    const [client] = await (await server.admin('GET', '/myrealm/clients?clientId=node-app')).json();
    const gone = `http://localhost:${await freePort()}`;
    assert.equal((await server.admin('PUT', `/myrealm/clients/${client.id}`, { ...client, adminUrl: gone })).status, 204);
    assert.deepEqual(await post(`clients/${client.id}/push-revocation`), { failedRequests: [gone] });
    assert.deepEqual(await post('push-revocation'), { failedRequests: [gone] });
  });
});
