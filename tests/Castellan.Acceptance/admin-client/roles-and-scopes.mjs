// Roles and client scopes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { one, gone, refused, mappers } from './checks.mjs';

/** @param world The signed-in client, and the ids of what the tests before have made. */
export default function (world) {
  test('roles', async () => {
    const { roles } = world.admin;
    assert.equal((await roles.create({ name: 'clerk', description: 'Serves people' })).roleName, 'clerk');
    await refused(409, roles.create({ name: 'clerk' }));
    await roles.create({ name: 'chief' });
    world.ids.clerk = await roles.findOneByName({ name: 'clerk' });
    world.ids.chief = await roles.findOneByName({ name: 'chief' });
    assert.equal((await roles.findOneById({ id: world.ids.clerk.id })).description, 'Serves people');
    one(await roles.find({ search: 'cle' }), 'name', 'clerk');
    await roles.updateByName({ name: 'clerk' }, { name: 'clerk', description: 'Serves', attributes: { level: ['1'] } });
    await roles.updateById({ id: world.ids.chief.id }, { name: 'chief', description: 'Leads' });
    assert.deepEqual((await roles.findOneById({ id: world.ids.clerk.id })).attributes, { level: ['1'] });
    await roles.createComposite({ roleId: world.ids.chief.id }, [world.ids.clerk]);
    one(await roles.getCompositeRoles({ id: world.ids.chief.id }), 'name', 'clerk');
    one(await roles.getCompositeRolesForRealm({ id: world.ids.chief.id }), 'name', 'clerk');
    await roles.delCompositeRoles({ id: world.ids.chief.id }, [world.ids.clerk]);
    assert.equal((await roles.getCompositeRoles({ id: world.ids.chief.id })).length, 0);
    await roles.create({ name: 'short-lived' });
    await roles.delById({ id: (await roles.findOneByName({ name: 'short-lived' })).id });
    await gone(roles.findOneByName({ name: 'short-lived' }));
    await roles.create({ name: 'short-lived' });
    await roles.delByName({ name: 'short-lived' });
    assert.deepEqual(await roles.findUsersWithRole({ name: 'clerk' }), []);
    await refused(501, roles.listPermissions({ id: world.ids.clerk.id }));
    await refused(501, roles.updatePermission({ id: world.ids.clerk.id }, { enabled: true }));
  });

  test('client scopes', async () => {
    const { clientScopes } = world.admin;
    world.ids.scope = (await clientScopes.create({ name: 'stock', protocol: 'openid-connect' })).id;
    await clientScopes.update({ id: world.ids.scope }, { name: 'stock', description: 'What is there', protocol: 'openid-connect' });
    assert.equal((await clientScopes.findOne({ id: world.ids.scope })).description, 'What is there');
    assert.equal((await clientScopes.findOneByName({ name: 'stock' })).id, world.ids.scope);
    one(await clientScopes.find(), 'name', 'stock');
    const [add, list, del] = [{ id: world.ids.scope }, (await clientScopes.listDefaultClientScopes()).length, { id: world.ids.scope }];
    await clientScopes.addDefaultClientScope(add);
    assert.equal((await clientScopes.listDefaultClientScopes()).length, list + 1);
    await clientScopes.delDefaultClientScope(del);
    await clientScopes.addDefaultOptionalClientScope(add);
    one(await clientScopes.listDefaultOptionalClientScopes(), 'name', 'stock');
    await clientScopes.delDefaultOptionalClientScope(del);
    await mappers(clientScopes, { id: world.ids.scope });
    await clientScopes.addRealmScopeMappings({ id: world.ids.scope }, [world.ids.clerk]);
    one(await clientScopes.listRealmScopeMappings({ id: world.ids.scope }), 'name', 'clerk');
    one(await clientScopes.listCompositeRealmScopeMappings({ id: world.ids.scope }), 'name', 'clerk');
    one(await clientScopes.listAvailableRealmScopeMappings({ id: world.ids.scope }), 'name', 'chief');
    assert.ok((await clientScopes.listScopeMappings({ id: world.ids.scope })).realmMappings);
    await clientScopes.delRealmScopeMappings({ id: world.ids.scope }, [world.ids.clerk]);
    await clientScopes.create({ name: 'short-lived', protocol: 'openid-connect' });
    await clientScopes.delByName({ name: 'short-lived' });
    await gone(clientScopes.findOneByName({ name: 'short-lived' }));
  });
}
