// Libraries that people use against a Keycloak, as they are, against our server.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import KcAdminClient from '@keycloak/keycloak-admin-client';
import * as oidc from 'openid-client';
import { Castellan, sampleRealm } from './lib/castellan.mjs';

let server;
before(async () => { server = await Castellan.start({ realms: [sampleRealm] }); });
after(() => server?.stop());

describe('openid-client', () => {
  let config;
  before(async () => {
    config = await oidc.discovery(new URL(server.realm('myrealm')), 'my-api-client', 'my-api-secret', undefined, { execute: [oidc.allowInsecureRequests] });
  });

  test('gets a token for the client', async () => {
    const tokens = await oidc.clientCredentialsGrant(config, { scope: 'profile' });
    assert.equal(tokens.token_type, 'bearer');
    assert.equal(tokens.refresh_token, undefined);
  });

  test('signs a person in, checks the ID token, asks for the person, refreshes, introspects, revokes', async () => {
    const tokens = await oidc.genericGrantRequest(config, 'password', { username: 'alice', password: 'alice', scope: 'openid email' });
    const claims = tokens.claims();
    assert.equal(claims.email, 'alice@example.com');
    assert.equal(claims.iss, server.realm('myrealm'));

    const person = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.equal(person.preferred_username, 'alice');

    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert.equal(refreshed.claims().sub, claims.sub);
    assert.equal((await oidc.tokenIntrospection(config, refreshed.access_token)).active, true);

    await oidc.tokenRevocation(config, refreshed.refresh_token);
    await assert.rejects(oidc.refreshTokenGrant(config, refreshed.refresh_token), { error: 'invalid_grant' });
    assert.equal((await oidc.tokenIntrospection(config, refreshed.access_token)).active, false);
  });

  for (const [what, authentication] of [['client_secret_basic', oidc.ClientSecretBasic], ['client_secret_post', oidc.ClientSecretPost], ['client_secret_jwt', oidc.ClientSecretJwt]])
    test(`proves itself by ${what}`, async () => {
      if (what === 'client_secret_jwt') await authenticateBy('client-secret-jwt');
      const own = await oidc.discovery(new URL(server.realm('myrealm')), 'my-api-client', undefined, authentication('my-api-secret'), { execute: [oidc.allowInsecureRequests] });
      assert.ok((await oidc.clientCredentialsGrant(own)).access_token);
      if (what === 'client_secret_jwt') await authenticateBy('client-secret');
    });

  async function authenticateBy(clientAuthenticatorType) {
    const [client] = await (await server.admin('GET', '/myrealm/clients?clientId=my-api-client')).json();
    const response = await server.admin('PUT', `/myrealm/clients/${client.id}`, { ...client, clientAuthenticatorType });
    assert.equal(response.status, 204, await response.text());
  }
});

describe('@keycloak/keycloak-admin-client', () => {
  let admin;
  before(async () => {
    admin = new KcAdminClient({ baseUrl: server.base, realmName: 'master' });
    await admin.auth({ grantType: 'password', clientId: 'admin-cli', username: 'admin', password: 'admin' });
  });

  test('makes a realm with a client, a role and a person who signs in', async () => {
    await admin.realms.create({ realm: 'made', enabled: true });
    admin.setConfig({ realmName: 'made' });
    const client = await admin.clients.create({ clientId: 'app', publicClient: true, directAccessGrantsEnabled: true });
    assert.ok(client.id);
    await admin.roles.create({ name: 'reader' });
    const { id } = await admin.users.create({ username: 'carol', enabled: true, email: 'carol@example.com', emailVerified: true, firstName: 'Carol', lastName: 'C' });
    await admin.users.resetPassword({ id, credential: { type: 'password', value: 'secret', temporary: false } });
    const role = await admin.roles.findOneByName({ name: 'reader' });
    await admin.users.addRealmRoleMappings({ id, roles: [{ id: role.id, name: role.name }] });

    const answer = await server.token('made', { grant_type: 'password', client_id: 'app', username: 'carol', password: 'secret' });
    assert.equal(answer.status, 200, JSON.stringify(answer));
    const { realm_access: roles } = JSON.parse(Buffer.from(answer.access_token.split('.')[1], 'base64url'));
    assert.ok(roles.roles.includes('reader'));

    assert.equal((await admin.users.find({ username: 'carol', exact: true })).length, 1);
    admin.setConfig({ realmName: 'master' });
    await admin.realms.del({ realm: 'made' });
    assert.equal((await fetch(server.realm('made'))).status, 404);
  });
});
