// Clients and what hangs on them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realm, one, refused, mappers } from './checks.mjs';

/** @param world The signed-in client, and the ids of what the tests before have made. */
export default function (world) {
  test('clients', async () => {
    const { clients } = world.admin;
    world.ids.client = (await clients.create({ clientId: 'shop', secret: 'a-secret', publicClient: false, serviceAccountsEnabled: true, directAccessGrantsEnabled: true, redirectUris: ['http://localhost:3000/*'] })).id;
    await refused(409, clients.create({ clientId: 'shop' }));
    const id = world.ids.client;
    await clients.update({ id }, { clientId: 'shop', name: 'Shop', authorizationServicesEnabled: true });
    assert.equal((await clients.findOne({ id })).name, 'Shop');
    assert.equal(one(await clients.find({ clientId: 'shop' }), 'clientId', 'shop').id, id);
    assert.equal((await clients.getClientSecret({ id })).value, 'a-secret');
    assert.notEqual((await clients.generateNewClientSecret({ id })).value, 'a-secret');
    await clients.invalidateSecret({ id });
    assert.ok((await clients.generateRegistrationAccessToken({ id })).registrationAccessToken);
    world.ids.serviceAccount = (await clients.getServiceAccountUser({ id })).id;
    await clients.createRole({ id, name: 'seller' });
    await clients.updateRole({ id, roleName: 'seller' }, { name: 'seller', description: 'Sells' });
    world.ids.seller = await clients.findRole({ id, roleName: 'seller' });
    assert.equal(one(await clients.listRoles({ id }), 'name', 'seller').description, 'Sells');
    assert.deepEqual(await clients.findUsersWithRole({ id, roleName: 'seller' }), []);
    await world.admin.roles.createComposite({ roleId: world.ids.chief.id }, [world.ids.seller]);
    one(await world.admin.roles.getCompositeRolesForClient({ id: world.ids.chief.id, clientId: id }), 'name', 'seller');
    await clients.createRole({ id, name: 'short-lived' });
    await clients.delRole({ id, roleName: 'short-lived' });
    await clients.addDefaultClientScope({ id, clientScopeId: world.ids.scope });
    one(await clients.listDefaultClientScopes({ id }), 'name', 'stock');
    await clients.delDefaultClientScope({ id, clientScopeId: world.ids.scope });
    await clients.addOptionalClientScope({ id, clientScopeId: world.ids.scope });
    one(await clients.listOptionalClientScopes({ id }), 'name', 'stock');
    await clients.delOptionalClientScope({ id, clientScopeId: world.ids.scope });
    await mappers(clients, { id });
    await clients.addRealmScopeMappings({ id }, [world.ids.clerk]);
    one(await clients.listRealmScopeMappings({ id }), 'name', 'clerk');
    assert.ok((await clients.listCompositeRealmScopeMappings({ id })).length > 0);
    one(await clients.listAvailableRealmScopeMappings({ id }), 'name', 'chief');
    assert.ok((await clients.listScopeMappings({ id })).realmMappings);
    await clients.delRealmScopeMappings({ id }, [world.ids.clerk]);
    const management = (await clients.find({ clientId: 'realm-management' }))[0].id;
    const viewUsers = await clients.findRole({ id: management, roleName: 'view-users' });
    for (const [resource, owner] of [[clients, { id }], [world.admin.clientScopes, { id: world.ids.scope }]]) {
      const of = { ...owner, client: management };
      one(await resource.listAvailableClientScopeMappings(of), 'name', 'view-users');
      await resource.addClientScopeMappings(of, [viewUsers]);
      one(await resource.listClientScopeMappings(of), 'name', 'view-users');
      assert.ok((await resource.listCompositeClientScopeMappings(of)).length > 0);
      await resource.delClientScopeMappings(of, [viewUsers]);
    }
  });

  test('what a client leads to', async () => {
    const { clients } = world.admin;
    const id = world.ids.client;
    assert.equal((await clients.getSessionCount({ id })).count, 0);
    assert.equal((await clients.getOfflineSessionCount({ id })).count, 0);
    assert.deepEqual(await clients.listSessions({ id }), []);
    assert.deepEqual(await clients.listOfflineSessions({ id }), []);
    await clients.pushRevocation({ id });
    assert.equal((await clients.getInstallationProviders({ id, providerId: 'keycloak-oidc-keycloak-json' })).resource, 'shop');
    await clients.addClusterNode({ id, node: 'localhost' });
    assert.ok(await clients.testNodesAvailable({ id }));
    await clients.deleteClusterNode({ id, node: 'localhost' });
    const attr = 'jwt.credential';
    assert.ok((await clients.generateKey({ id, attr })).certificate);
    assert.ok((await clients.getKeyInfo({ id, attr })).certificate);
    const store = { format: 'PKCS12', keyAlias: 'shop', keyPassword: 'secret', storePassword: 'secret', realmAlias: realm };
    assert.ok((await clients.generateAndDownloadKey({ id, attr }, store)).byteLength > 0);
    assert.ok((await clients.downloadKey({ id, attr }, { ...store, realmCertificate: true }).catch(error => error.response)) !== undefined);
    const certificate = (await clients.getKeyInfo({ id, attr })).certificate;
    for (const upload of ['uploadCertificate', 'uploadKey']) {
      const form = new FormData();
      form.append('keystoreFormat', 'Certificate PEM');
      form.append('file', new Blob([`-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`]));
      assert.equal((await clients[upload]({ id, attr }, form)).certificate, certificate);
    }
    await refused(501, clients.listFineGrainPermissions({ id }));
    await refused(501, clients.updateFineGrainPermission({ id }, { enabled: true }));
  });
}
