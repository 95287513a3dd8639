// @keycloak/keycloak-admin-client, as scripts use it: every resource that it has is made, read, listed, changed and deleted.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import authorization from './admin-client/authorization.mjs';
import clients from './admin-client/clients.mjs';
import organizations from './admin-client/organizations.mjs';
import realms from './admin-client/realms.mjs';
import rolesAndScopes from './admin-client/roles-and-scopes.mjs';
import signIn from './admin-client/sign-in.mjs';
import theRest from './admin-client/the-rest.mjs';
import usersAndGroups from './admin-client/users-and-groups.mjs';
import { gone, realm } from './admin-client/checks.mjs';
import { AdminClient } from './lib/admin-client.mjs';
import { Castellan } from './lib/castellan.mjs';

/** Off unless asked for, in Keycloak too, or of the time before; their routes say so. */
const off = [
  'clients.v2', 'users.createVerifiableCredential', 'users.listIssuedVerifiableCredentials', 'users.listVerifiableCredentials', 'users.revokeIssuedVerifiableCredential',
  'users.revokeVerifiableCredential', 'users.sendVerifiableCredentialOffer', 'users.updateVerifiableCredential',
];

describe('@keycloak/keycloak-admin-client', { concurrency: false }, () => {
  const world = { ids: {} };
  before(async () => {
    world.server = await Castellan.start();
    world.admin = await AdminClient.signIn(world.server, realm);
  });
  after(() => world.server?.stop());

  // In this order: each uses what those before it made.
  for (const resource of [realms, rolesAndScopes, clients, usersAndGroups, signIn, organizations, authorization, theRest]) resource(world);

  test('what is gone is gone', async () => {
    await world.admin.clients.del({ id: world.ids.client });
    await gone(world.admin.clients.findOne({ id: world.ids.client }));
    await world.admin.clientScopes.del({ id: world.ids.scope });
    await world.admin.identityProviders.del({ alias: 'partner' });
    await gone(world.admin.identityProviders.findOne({ alias: 'partner' }));
    await world.admin.groups.del({ id: world.ids.group });
    await world.admin.users.del({ id: world.ids.user });
    await world.admin.realms.del({ realm });
    await gone(world.admin.realms.findOne({ realm }));
  });

  test('nothing of the package was left out', () => assert.deepEqual(world.admin.uncalled.filter(method => !off.includes(method)), []));
});
