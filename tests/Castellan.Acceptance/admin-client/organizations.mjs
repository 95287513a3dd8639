// Organizations, and people of elsewhere.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realm, one, refused } from './checks.mjs';

/** @param world The signed-in client, and the ids of what the tests before have made. */
export default function (world) {
  test('organizations', async () => {
    const { organizations } = world.admin;
    const id = (await organizations.create({ name: 'acme', alias: 'acme', enabled: true, domains: [{ name: 'acme.example' }] })).id;
    await organizations.updateById({ id }, { id, name: 'acme', alias: 'acme', description: 'Makers', domains: [{ name: 'acme.example' }] });
    assert.equal((await organizations.findOne({ id })).description, 'Makers');
    one(await organizations.find({ search: 'ac' }), 'name', 'acme');
    await organizations.addMember({ orgId: id, userId: world.ids.user });
    one(await organizations.listMembers({ orgId: id }), 'username', 'wanda');
    assert.equal((await organizations.getMember({ orgId: id, userId: world.ids.user })).id, world.ids.user);
    one(await organizations.memberOrganizations({ userId: world.ids.user }), 'name', 'acme');
    await organizations.linkIdp({ orgId: id, alias: 'partner' });
    one(await organizations.listIdentityProviders({ orgId: id }), 'alias', 'partner');
    await organizations.unLinkIdp({ orgId: id, alias: 'partner' });
    await organizations.delMember({ orgId: id, userId: world.ids.user });
    await organizations.delById({ id });
    await refused(404, organizations.findOne({ id }));
  });

  test('what comes from elsewhere', async () => {
    const { realms, identityProviders } = world.admin;
    assert.equal((await realms.partialImport({ realm, rep: { ifResourceExists: 'SKIP', roles: { realm: [{ name: 'imported' }] } } })).added, 1);
    await identityProviders.reloadKeys({ alias: 'partner' });
    await assert.rejects(identityProviders.importFromUrl({ providerId: 'oidc', fromUrl: 'http://localhost:1/' }));
    const pem = new FormData();
    pem.append('file', new Blob(['no certificate']));
    await assert.rejects(identityProviders.uploadCertificate({}, pem));
  });

  test('invitations and groups of an organization', async () => {
    const { organizations } = world.admin;
    const id = (await organizations.create({ name: 'guild', alias: 'guild', enabled: true, domains: [{ name: 'guild.example' }] })).id;
    await organizations.addMember({ orgId: id, userId: world.ids.user });
    assert.deepEqual(await organizations.listInvitations({ orgId: id }), []);
    // The realm has no mail server to invite by.
    const invitation = new FormData();
    invitation.append('email', 'new@acme.example');
    await refused(500, organizations.invite({ orgId: id }, invitation));
    const existing = new FormData();
    existing.append('id', (await world.admin.users.create({ username: 'guest', email: 'guest@acme.example' })).id);
    await refused(500, organizations.inviteExistingUser({ orgId: id }, existing));
    await refused(404, organizations.findInvitation({ orgId: id, invitationId: 'none' }));
    await refused(404, organizations.resendInvitation({ orgId: id, invitationId: 'none' }));
    await refused(404, organizations.deleteInvitation({ orgId: id, invitationId: 'none' }));
    const groups = world.admin.watched('groups', organizations.groups(id));
    const group = (await groups.create({ name: 'smiths' })).id;
    one(await groups.find(), 'name', 'smiths');
    await groups.addMemberToOrgGroup({ groupId: group, userId: world.ids.user });
    one(await groups.listMembers({ id: group }), 'username', 'wanda');
    one(await groups.listOrgGroups({ id: world.ids.user }), 'name', 'smiths');
    await groups.removeMemberFromOrgGroup({ groupId: group, userId: world.ids.user });
    await groups.del({ id: group });
  });
}
