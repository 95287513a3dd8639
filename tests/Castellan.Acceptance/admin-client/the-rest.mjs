// Workflows, policies, the server itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realm, one, gone, refused } from './checks.mjs';

/** @param world The signed-in client, and the ids of what the tests before have made. */
export default function (world) {
  test('workflows', async () => {
    const { workflows } = world.admin;
    const id = (await workflows.create({ name: 'goodbye', enabled: true, on: 'user-created', steps: [{ uses: 'disable-user', after: 'P30D' }] })).id;
    await workflows.createAsYaml({ realm, yaml: 'name: farewell\non: user-created\nsteps:\n  - uses: delete-user\n    after: P60D\n' });
    assert.equal((await workflows.findOne({ id })).name, 'goodbye');
    await workflows.update({ id }, { name: 'goodbye', enabled: false, on: 'user-created', steps: [{ uses: 'disable-user', after: 'P40D' }] });
    assert.equal(one(await workflows.find(), 'name', 'goodbye').enabled, false);
    assert.ok(Array.isArray(await workflows.scheduled({ userId: world.ids.user })));
    await workflows.delById({ id });
    await gone(workflows.findOne({ id }));
  });

  test('client policies', async () => {
    const { clientPolicies } = world.admin;
    await clientPolicies.createProfiles({ profiles: [{ name: 'strict', executors: [{ executor: 'pkce-enforcer', configuration: { 'auto-configure': true } }] }] });
    one((await clientPolicies.listProfiles({ includeGlobalProfiles: true })).profiles, 'name', 'strict');
    await clientPolicies.updatePolicy({ policies: [{ name: 'everybody', enabled: true, profiles: ['strict'], conditions: [{ condition: 'any-client', configuration: {} }] }] });
    one((await clientPolicies.listPolicies({ includeGlobalPolicies: true })).policies, 'name', 'everybody');
    await clientPolicies.updatePolicy({ policies: [] });
    assert.deepEqual((await clientPolicies.listPolicies()).policies, []);
  });

  test('the server, its caches and who asks', async () => {
    const { serverInfo, cache, whoAmI } = world.admin;
    assert.ok((await serverInfo.find()).componentTypes);
    assert.ok((await serverInfo.findEffectiveMessageBundles({ realm, theme: 'keycloak.v2', themeType: 'admin', locale: 'en' })).length > 1000);
    for (const clear of ['clearUserCache', 'clearKeysCache', 'clearCrlCache', 'clearRealmCache']) await cache[clear]({ realm });
    // A token of admin-cli is none of the console's.
    await refused(403, whoAmI.find({ realm: 'master', currentRealm: realm }));
  });
}
