// Authorization of a client, and what its tokens would say.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realm, one } from './checks.mjs';

/** @param world The signed-in client, and the ids of what the tests before have made. */
export default function (world) {
  test('authorization of a client', async () => {
    const { clients } = world.admin;
    const id = world.ids.client;
    const server = await clients.getResourceServer({ id });
    await clients.updateResourceServer({ id }, { ...server, decisionStrategy: 'AFFIRMATIVE' });
    assert.equal((await clients.getResourceServer({ id })).decisionStrategy, 'AFFIRMATIVE');
    await clients.createAuthorizationScope({ id }, { name: 'view' });
    const scope = one(await clients.listAllScopes({ id }), 'name', 'view');
    await clients.updateAuthorizationScope({ id, scopeId: scope.id }, { ...scope, displayName: 'See it' });
    assert.equal((await clients.getAuthorizationScope({ id, scopeId: scope.id })).displayName, 'See it');
    const resource = await clients.createResource({ id }, { name: 'holiday', type: 'picture', uris: ['/1'], scopes: [{ name: 'view' }] });
    const resourceId = resource._id;
    await clients.updateResource({ id, resourceId }, { ...resource, displayName: 'Holiday' });
    assert.equal((await clients.getResource({ id, resourceId })).displayName, 'Holiday');
    one(await clients.listResources({ id }), 'name', 'holiday');
    one(await clients.listScopesByResource({ id, resourceName: resourceId }), 'name', 'view');
    one(await clients.listAllResourcesByScope({ id, scopeId: scope.id }), 'name', 'holiday');
    assert.ok((await clients.listPolicyProviders({ id })).length > 0);
    const policy = await clients.createPolicy({ id, type: 'role' }, { name: 'clerks', type: 'role', roles: [{ id: world.ids.clerk.id }] });
    await clients.updatePolicy({ id, type: 'role', policyId: policy.id }, { ...policy, description: 'Clerks alone' });
    await clients.createOrUpdatePolicy({ id, policyName: 'clerks', policy: { ...policy, description: 'Clerks alone' } });
    assert.equal((await clients.findOnePolicyWithType({ id, type: 'role', policyId: policy.id })).description, 'Clerks alone');
    assert.equal((await clients.findOnePolicy({ id, policyId: policy.id })).name, 'clerks');
    assert.equal((await clients.findPolicyByName({ id, name: 'clerks' })).id, policy.id);
    one(await clients.listPolicies({ id, permission: 'false' }), 'name', 'clerks');
    const permission = await clients.createPermission({ id, type: 'scope' }, { name: 'see holidays', scopes: [scope.id], resources: [resourceId], policies: [policy.id] });
    await clients.updatePermission({ id, type: 'scope', permissionId: permission.id }, { ...permission, name: 'see holidays', scopes: [scope.id], resources: [resourceId], policies: [policy.id], description: 'Seen by clerks' });
    assert.equal((await clients.findOnePermission({ id, type: 'scope', permissionId: permission.id })).description, 'Seen by clerks');
    one(await clients.findPermissions({ id, name: 'see holidays' }), 'id', permission.id);
    one(await clients.listPermissionScope({ id }), 'id', permission.id);
    one(await clients.listAllPermissionsByScope({ id, scopeId: scope.id }), 'id', permission.id);
    assert.ok(Array.isArray(await clients.listPermissionsByResource({ id, resourceId })));
    one(await clients.getAssociatedScopes({ id, permissionId: permission.id }), 'name', 'view');
    one(await clients.getAssociatedResources({ id, permissionId: permission.id }), 'name', 'holiday');
    one(await clients.getAssociatedPolicies({ id, permissionId: permission.id }), 'name', 'clerks');
    one(await clients.listDependentPolicies({ id, policyId: policy.id }), 'id', permission.id);
    const question = { clientId: id, userId: world.ids.user, resources: [{ name: 'holiday', _id: resourceId, scopes: [{ name: 'view' }] }], roleIds: [], entitlements: false, context: { attributes: {} } };
    assert.ok((await clients.evaluateResource({ id, realm }, question)).status);
    const settings = await clients.exportResource({ id });
    one(settings.resources, 'name', 'holiday');
    await clients.importResource({ id }, settings);
    await clients.delPermission({ id, type: 'scope', permissionId: permission.id });
    await clients.delPolicy({ id, policyId: policy.id });
    await clients.delResource({ id, resourceId });
    await clients.delAuthorizationScope({ id, scopeId: scope.id });
    assert.deepEqual(await clients.listResources({ id }), []);
  });

  test('what tokens of a client would say', async () => {
    const { clients } = world.admin;
    const of = { id: world.ids.client, scope: 'openid', userId: world.ids.user, audience: '' };
    assert.ok((await clients.evaluatePermission({ id: world.ids.client, scope: 'openid', roleContainer: realm, type: 'granted' })).length > 0);
    assert.ok((await clients.evaluateListProtocolMapper({ id: world.ids.client, scope: 'openid' })).length > 0);
    assert.equal((await clients.evaluateGenerateAccessToken(of)).azp, 'shop');
    assert.equal((await clients.evaluateGenerateIdToken(of)).azp, 'shop');
    assert.equal((await clients.evaluateGenerateUserInfo(of)).sub, world.ids.user);
    assert.match(String(await clients.evaluateGenerateSamlResponse(of)), /<samlp:Response/);
  });
}
