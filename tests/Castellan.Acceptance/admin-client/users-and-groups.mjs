// People and groups.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realm, password, one, gone, refused, roleMappings } from './checks.mjs';

/** @param world The signed-in client, and the ids of what the tests before have made. */
export default function (world) {
  test('users', async () => {
    const { users } = world.admin;
    world.ids.user = (await users.create({ username: 'wanda', email: 'wanda@example.org', firstName: 'Wanda', lastName: 'Winter', enabled: true })).id;
    const id = world.ids.user;
    await refused(409, users.create({ username: 'wanda' }));
    await users.update({ id }, { username: 'wanda', email: 'wanda@example.org', firstName: 'Wanda', lastName: 'Summer' });
    assert.equal((await users.findOne({ id, userProfileMetadata: true })).lastName, 'Summer');
    one(await users.find({ search: 'wan', max: 5 }), 'id', id);
    assert.equal(await users.count({ username: 'wanda' }), 1);
    const profile = await users.getProfile();
    await users.updateProfile({ ...profile, unmanagedAttributePolicy: 'ENABLED' });
    assert.equal((await users.getProfile()).unmanagedAttributePolicy, 'ENABLED');
    assert.ok((await users.getProfileMetadata()).attributes.length > 0);
    await users.update({ id }, { ...await users.findOne({ id }), attributes: { shelf: ['7'] } });
    assert.deepEqual(await users.getUnmanagedAttributes({ id }), { shelf: ['7'] });
    await roleMappings(world, users, id);
    await users.resetPassword({ id, credential: { type: 'password', temporary: false, value: password } });
    await users.resetPassword({ id, credential: { type: 'password', temporary: false, value: `${password}-again` } });
    const [credential] = await users.getCredentials({ id });
    assert.equal(credential.type, 'password');
    await users.updateCredentialLabel({ id, credentialId: credential.id }, 'mine');
    assert.equal((await users.getCredentials({ id }))[0].userLabel, 'mine');
    await users.moveCredentialPositionUp({ id, credentialId: credential.id });
    await refused(404, users.moveCredentialPositionDown({ id, credentialId: credential.id, newPreviousCredentialId: 'none' }));
    assert.deepEqual(await users.getUserStorageCredentialTypes({ id }), []);
    await users.removeTotp({ id }).catch(error => assert.equal(error.response.status, 404));
    await refused(500, users.sendVerifyEmail({ id }));
    await refused(500, users.executeActionsEmail({ id, actions: ['UPDATE_PASSWORD'] }));
    const other = await users.create({ username: 'short-lived' });
    await users.del({ id: other.id });
    await gone(users.findOne({ id: other.id }));
  });

  test('sessions and consents of users, and guesses', async () => {
    const { users, attackDetection, realms, clients } = world.admin;
    const id = world.ids.user;
    const secret = (await clients.getClientSecret({ id: world.ids.client })).value;
    const form = { grant_type: 'password', client_id: 'shop', client_secret: secret, username: 'wanda', password: `${password}-again`, scope: 'openid offline_access' };
    assert.equal((await world.server.token(realm, form)).status, 200);
    assert.equal((await world.server.token(realm, { ...form, scope: 'openid' })).status, 200);
    const sessions = await users.listSessions({ id });
    assert.ok(sessions.length > 0);
    assert.equal((await users.listOfflineSessions({ id, clientId: world.ids.client })).length, 1);
    assert.ok((await clients.getSessionCount({ id: world.ids.client })).count > 0);
    await realms.deleteSession({ realm, session: sessions[0].id, isOffline: false });
    await realms.removeSession({ realm, sessionId: sessions[0].id }).catch(error => assert.equal(error.response.status, 404));
    assert.ok(Array.isArray(await users.listConsents({ id })));
    await users.revokeConsent({ id, clientId: 'shop' }).catch(error => assert.equal(error.response.status, 404));
    await users.logout({ id });
    assert.deepEqual(await users.listSessions({ id }), []);
    assert.equal((await attackDetection.findOne({ id })).numFailures, 0);
    await attackDetection.del({ id });
    await attackDetection.delAll();
    assert.equal((await users.impersonation({ id }, { user: id, realm })).sameRealm, false);
    await users.deleteCredential({ id, credentialId: (await users.getCredentials({ id }))[0].id });
    assert.deepEqual(await users.getCredentials({ id }), []);
  });

  test('groups', async () => {
    const { groups, users, realms } = world.admin;
    world.ids.group = (await groups.create({ name: 'staff' })).id;
    const id = world.ids.group;
    await groups.update({ id }, { name: 'staff', attributes: { floor: ['2'] } });
    assert.deepEqual((await groups.findOne({ id })).attributes, { floor: ['2'] });
    one(await groups.find({ search: 'sta' }), 'name', 'staff');
    assert.equal((await groups.count()).count, 1);
    const child = (await groups.createChildGroup({ id }, { name: 'night shift' })).id;
    one(await groups.listSubGroups({ parentId: id }), 'name', 'night shift');
    await groups.updateChildGroup({ id }, { id: child, name: 'night shift' });
    await groups.updateRoot({ id: child, name: 'night shift' });
    assert.equal((await groups.findOne({ id: child })).path, '/night shift');
    await groups.updateChildGroup({ id }, { id: child, name: 'night shift' });
    assert.equal((await realms.getGroupByPath({ realm, path: 'staff/night shift' })).id, child);
    await users.addToGroup({ id: world.ids.user, groupId: id });
    one(await groups.listMembers({ id }), 'username', 'wanda');
    one(await users.listGroups({ id: world.ids.user }), 'name', 'staff');
    assert.equal((await users.countGroups({ id: world.ids.user })).count, 1);
    await users.delFromGroup({ id: world.ids.user, groupId: id });
    await roleMappings(world, groups, id);
    await realms.addDefaultGroup({ realm, id });
    one(await realms.getDefaultGroups({ realm }), 'name', 'staff');
    await realms.removeDefaultGroup({ realm, id });
    await refused(501, groups.listPermissions({ id }));
    await refused(501, groups.updatePermission({ id }, { enabled: true }));
    await groups.del({ id: child });
    await gone(groups.findOne({ id: child }));
  });
}
