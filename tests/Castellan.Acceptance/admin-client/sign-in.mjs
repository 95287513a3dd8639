// What people sign in by: components, flows, required actions, identity providers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realm, one, gone, refused, mappers } from './checks.mjs';

/** @param world The signed-in client, and the ids of what the tests before have made. */
export default function (world) {
  test('components and user storage', async () => {
    const { components, userStorageProvider } = world.admin;
    const parentId = (await world.admin.realms.findOne({ realm })).id;
    const made = await components.create({ name: 'more keys', providerId: 'rsa-generated', providerType: 'org.keycloak.keys.KeyProvider', parentId, config: { priority: ['50'] } });
    await components.update({ id: made.id }, { name: 'more keys', providerId: 'rsa-generated', providerType: 'org.keycloak.keys.KeyProvider', parentId, config: { priority: ['60'] } });
    assert.deepEqual((await components.findOne({ id: made.id })).config.priority, ['60']);
    one(await components.find({ type: 'org.keycloak.keys.KeyProvider' }), 'id', made.id);
    await components.del({ id: made.id });
    await gone(components.findOne({ id: made.id }));
    const ldap = (await components.create({
      name: 'directory', providerId: 'ldap', providerType: 'org.keycloak.storage.UserStorageProvider', parentId,
      config: {
        enabled: ['false'], vendor: ['other'], connectionUrl: ['ldap://localhost:1'], usersDn: ['ou=people'], usernameLDAPAttribute: ['uid'], rdnLDAPAttribute: ['uid'], uuidLDAPAttribute: ['entryUUID'],
        userObjectClasses: ['inetOrgPerson'], editMode: ['READ_ONLY'], authType: ['none'], priority: ['0'], cachePolicy: ['DEFAULT'],
      },
    })).id;
    assert.ok((await components.listSubComponents({ id: ldap, type: 'org.keycloak.storage.ldap.mappers.LDAPStorageMapper' })).length > 0);
    assert.equal((await userStorageProvider.name({ id: ldap })).name, 'directory');
    // Nobody is there, also for a federation that is off; and none of its mappers has groups or roles to bring.
    await refused(503, userStorageProvider.sync({ id: ldap, action: 'triggerFullSync' }));
    const [mapper] = await components.find({ parent: ldap, type: 'org.keycloak.storage.ldap.mappers.LDAPStorageMapper' });
    assert.equal((await userStorageProvider.mappersSync({ parentId: ldap, id: mapper.id, direction: 'fedToKeycloak' })).added, 0);
    // Two people who came from it: one is kept, then there is none left to take away.
    const [kept, alone] = await Promise.all(['kept', 'alone'].map(async username => (await world.admin.users.create({ username, federationLink: username === 'kept' ? ldap : undefined })).id));
    await userStorageProvider.unlinkUsers({ id: ldap });
    assert.equal((await world.admin.users.findOne({ id: kept })).federationLink, undefined);
    await world.admin.users.update({ id: alone }, { federationLink: ldap });
    await userStorageProvider.removeImportedUsers({ id: ldap });
    await gone(world.admin.users.findOne({ id: alone }));
    await world.admin.users.del({ id: kept });
    await components.del({ id: ldap });
  });

  test('authentication', async () => {
    const { authenticationManagement: authentication } = world.admin;
    assert.ok((await authentication.getAuthenticatorProviders()).length > 0);
    assert.ok((await authentication.getClientAuthenticatorProviders()).length > 0);
    assert.ok((await authentication.getFormActionProviders()).length > 0);
    assert.ok((await authentication.getFormProviders()).length > 0);
    const flow = (await authentication.createFlow({ alias: 'mine', providerId: 'basic-flow', topLevel: true, builtIn: false })).id;
    await authentication.copyFlow({ flow: 'browser', newName: 'my browser' });
    assert.equal((await authentication.getFlow({ flowId: flow })).alias, 'mine');
    await authentication.updateFlow({ flowId: flow }, { alias: 'mine', description: 'My own', providerId: 'basic-flow', topLevel: true, builtIn: false });
    assert.equal(one(await authentication.getFlows(), 'alias', 'mine').description, 'My own');
    const step = (await authentication.addExecutionToFlow({ flow: 'mine', provider: 'identity-provider-redirector' })).id;
    const below = await authentication.addFlowToFlow({ flow: 'mine', alias: 'below', type: 'basic-flow', provider: 'registration-page-form', description: '' });
    await authentication.addExecution({ flow: 'mine', provider: 'auth-cookie' }).catch(error => assert.ok([400, 404, 405].includes(error.response.status)));
    const [execution] = await authentication.getExecutions({ flow: 'mine' });
    await authentication.updateExecution({ flow: 'mine' }, { ...execution, requirement: 'ALTERNATIVE' });
    await authentication.lowerPriorityExecution({ id: step });
    await authentication.raisePriorityExecution({ id: step });
    assert.ok((await authentication.getConfigDescription({ providerId: 'identity-provider-redirector' })).properties.length > 0);
    const config = (await authentication.createConfig({ id: step, alias: 'to google', config: { defaultProvider: 'google' } })).id;
    await authentication.updateConfig({ id: config, alias: 'to github', config: { defaultProvider: 'github' } });
    assert.equal((await authentication.getConfig({ id: config })).config.defaultProvider, 'github');
    await authentication.delConfig({ id: config });
    await authentication.delExecution({ id: step });
    assert.ok(below.id ?? below);
    for (const alias of ['mine', 'my browser']) await authentication.deleteFlow({ flowId: one(await authentication.getFlows(), 'alias', alias).id });
    assert.ok(!(await authentication.getFlows()).some(f => f.alias === 'mine'));
  });

  test('required actions', async () => {
    const { authenticationManagement: authentication } = world.admin;
    const alias = 'CONFIGURE_TOTP';
    const action = await authentication.getRequiredActionForAlias({ alias });
    await authentication.updateRequiredAction({ alias }, { ...action, defaultAction: true });
    assert.equal(one(await authentication.getRequiredActions(), 'alias', alias).defaultAction, true);
    await authentication.lowerRequiredActionPriority({ alias });
    await authentication.raiseRequiredActionPriority({ alias });
    assert.ok((await authentication.getRequiredActionConfigDescription({ alias })).properties);
    await authentication.updateRequiredActionConfig({ alias }, { config: { max_auth_age: '60' } });
    assert.equal((await authentication.getRequiredActionConfig({ alias })).config.max_auth_age, '60');
    await authentication.removeRequiredActionConfig({ alias });
    await authentication.deleteRequiredAction({ alias });
    const unregistered = one(await authentication.getUnregisteredRequiredActions(), 'providerId', alias);
    await authentication.registerRequiredAction(unregistered);
    assert.ok(await authentication.getRequiredActionForAlias({ alias }));
  });

  test('identity providers', async () => {
    const { identityProviders } = world.admin;
    const config = { authorizationUrl: 'https://idp.example/auth', tokenUrl: 'https://idp.example/token', clientId: 'castellan', clientSecret: 's' };
    await identityProviders.create({ alias: 'partner', providerId: 'oidc', config });
    await identityProviders.update({ alias: 'partner' }, { alias: 'partner', providerId: 'oidc', displayName: 'Partner', config });
    assert.equal((await identityProviders.findOne({ alias: 'partner' })).displayName, 'Partner');
    one(await identityProviders.find(), 'alias', 'partner');
    assert.ok(await identityProviders.findFactory({ providerId: 'oidc' }));
    assert.ok(await identityProviders.findMapperTypes({ alias: 'partner' }));
    const mapper = { name: 'clerks', identityProviderAlias: 'partner', identityProviderMapper: 'oidc-hardcoded-role-idp-mapper', config: { role: 'clerk', syncMode: 'INHERIT' } };
    const made = await identityProviders.createMapper({ alias: 'partner', identityProviderMapper: mapper });
    await identityProviders.updateMapper({ alias: 'partner', id: made.id }, { ...mapper, id: made.id, config: { ...mapper.config, role: 'chief' } });
    assert.equal((await identityProviders.findOneMapper({ alias: 'partner', id: made.id })).config.role, 'chief');
    assert.equal((await identityProviders.findMappers({ alias: 'partner' })).length, 1);
    await world.admin.users.addToFederatedIdentity({ id: world.ids.user, federatedIdentityId: 'partner', federatedIdentity: { identityProvider: 'partner', userId: '1', userName: 'w' } });
    one(await world.admin.users.listFederatedIdentities({ id: world.ids.user }), 'userName', 'w');
    await world.admin.users.delFromFederatedIdentity({ id: world.ids.user, federatedIdentityId: 'partner' });
    await identityProviders.delMapper({ alias: 'partner', id: made.id });
    await refused(501, identityProviders.listPermissions({ alias: 'partner' }));
    await refused(501, identityProviders.updatePermission({ alias: 'partner' }, { enabled: true }));
  });
}
