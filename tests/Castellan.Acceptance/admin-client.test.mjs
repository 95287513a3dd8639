// @keycloak/keycloak-admin-client, as scripts use it: every resource that it has is made, read, listed, changed and deleted.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AdminClient } from './lib/admin-client.mjs';
import { Castellan } from './lib/castellan.mjs';

/** Off unless asked for, in Keycloak too, or of the time before; their routes say so. */
const off = [
  'clients.v2', 'users.createVerifiableCredential', 'users.listIssuedVerifiableCredentials', 'users.listVerifiableCredentials', 'users.revokeIssuedVerifiableCredential',
  'users.revokeVerifiableCredential', 'users.sendVerifiableCredentialOffer', 'users.updateVerifiableCredential',
];

const realm = 'driven';
const password = 'a-long-enough-password';
const one = (list, key, value) => list.find(item => item[key] === value) ?? assert.fail(`no ${value} among ${JSON.stringify(list.map(item => item[key]))}`);
const gone = async promise => assert.ok([null, undefined].includes(await promise), 'it is still there');
const refused = (status, promise) => assert.rejects(promise, error => error.response?.status === status || assert.fail(`${error.response?.status} ${error.message}`));

describe('@keycloak/keycloak-admin-client', { concurrency: false }, () => {
  let server, admin;
  const ids = {};
  before(async () => {
    server = await Castellan.start();
    admin = await AdminClient.signIn(server, realm);
  });
  after(() => server?.stop());

  test('realms', async () => {
    const { realms } = admin;
    assert.equal((await realms.create({ realm, enabled: true, displayName: 'Driven' })).realmName, realm);
    await refused(409, realms.create({ realm }));
    assert.ok(one(await realms.find(), 'realm', realm).enabled);
    await realms.update({ realm }, { displayName: 'Driven by a script', eventsEnabled: true, adminEventsEnabled: true, organizationsEnabled: true, registrationAllowed: true, internationalizationEnabled: true, supportedLocales: ['en', 'de'] });
    assert.equal((await realms.findOne({ realm })).displayName, 'Driven by a script');
    await gone(realms.findOne({ realm: 'nowhere' }));
    assert.equal((await realms.export({ realm, exportClients: true, exportGroupsAndRoles: true })).realm, realm);
    assert.ok((await realms.getKeys({ realm })).keys.length > 0);
    assert.ok(Array.isArray(await realms.getClientSessionStats({ realm })));
    assert.ok((await realms.getClientRegistrationPolicyProviders({ realm })).length > 0);
    assert.equal((await realms.getUsersManagementPermissions({ realm }).catch(error => ({ status: error.response.status }))).status, 501);
    await refused(501, realms.updateUsersManagementPermissions({ realm, enabled: true }));
    await refused(500, realms.testSMTPConnection({ realm }, { host: 'localhost', port: '1', from: 'a@example.org' }));
    await refused(400, realms.testLDAPConnection({ realm }, { action: 'testConnection', connectionUrl: 'ldap://localhost:1', authType: 'none' }));
    await refused(400, realms.ldapServerCapabilities({ realm }, { action: 'queryServerCapabilities', connectionUrl: 'ldap://localhost:1', authType: 'none' }));
    await realms.pushRevocation({ realm });
    await realms.logoutAll({ realm });
  });

  test('events', async () => {
    const { realms } = admin;
    assert.equal((await realms.getConfigEvents({ realm })).eventsEnabled, true);
    await realms.updateConfigEvents({ realm }, { eventsEnabled: true, eventsExpiration: 3600, adminEventsEnabled: true, adminEventsDetailsEnabled: true });
    assert.equal((await realms.getConfigEvents({ realm })).eventsExpiration, 3600);
    assert.ok(Array.isArray(await realms.findEvents({ realm, max: 5 })));
    assert.ok((await realms.findAdminEvents({ realm, max: 5 })).length > 0);
    await realms.clearEvents({ realm });
    await realms.clearAdminEvents({ realm });
    assert.equal((await realms.findAdminEvents({ realm })).length, 0);
  });

  test('initial access and localization', async () => {
    const { realms } = admin;
    const access = await realms.createClientsInitialAccess({ realm }, { count: 2, expiration: 600 });
    assert.ok(access.token);
    assert.equal(one(await realms.getClientsInitialAccess({ realm }), 'id', access.id).remainingCount, 2);
    await realms.delClientsInitialAccess({ realm, id: access.id });
    assert.equal((await realms.getClientsInitialAccess({ realm })).length, 0);
    await realms.addLocalization({ realm, selectedLocale: 'de', key: 'greeting' }, 'Moin');
    assert.deepEqual(await realms.getRealmSpecificLocales({ realm }), ['de']);
    assert.deepEqual(await realms.getRealmLocalizationTexts({ realm, selectedLocale: 'de' }), { greeting: 'Moin' });
    await realms.deleteRealmLocalizationTexts({ realm, selectedLocale: 'de', key: 'greeting' });
    assert.deepEqual(await realms.getRealmLocalizationTexts({ realm, selectedLocale: 'de' }), {});
  });

  test('roles', async () => {
    const { roles } = admin;
    assert.equal((await roles.create({ name: 'clerk', description: 'Serves people' })).roleName, 'clerk');
    await refused(409, roles.create({ name: 'clerk' }));
    await roles.create({ name: 'chief' });
    ids.clerk = await roles.findOneByName({ name: 'clerk' });
    ids.chief = await roles.findOneByName({ name: 'chief' });
    assert.equal((await roles.findOneById({ id: ids.clerk.id })).description, 'Serves people');
    one(await roles.find({ search: 'cle' }), 'name', 'clerk');
    await roles.updateByName({ name: 'clerk' }, { name: 'clerk', description: 'Serves', attributes: { level: ['1'] } });
    await roles.updateById({ id: ids.chief.id }, { name: 'chief', description: 'Leads' });
    assert.deepEqual((await roles.findOneById({ id: ids.clerk.id })).attributes, { level: ['1'] });
    await roles.createComposite({ roleId: ids.chief.id }, [ids.clerk]);
    one(await roles.getCompositeRoles({ id: ids.chief.id }), 'name', 'clerk');
    one(await roles.getCompositeRolesForRealm({ id: ids.chief.id }), 'name', 'clerk');
    await roles.delCompositeRoles({ id: ids.chief.id }, [ids.clerk]);
    assert.equal((await roles.getCompositeRoles({ id: ids.chief.id })).length, 0);
    await roles.create({ name: 'short-lived' });
    await roles.delById({ id: (await roles.findOneByName({ name: 'short-lived' })).id });
    await gone(roles.findOneByName({ name: 'short-lived' }));
    await roles.create({ name: 'short-lived' });
    await roles.delByName({ name: 'short-lived' });
    assert.deepEqual(await roles.findUsersWithRole({ name: 'clerk' }), []);
    await refused(501, roles.listPermissions({ id: ids.clerk.id }));
    await refused(501, roles.updatePermission({ id: ids.clerk.id }, { enabled: true }));
  });

  test('client scopes', async () => {
    const { clientScopes } = admin;
    ids.scope = (await clientScopes.create({ name: 'stock', protocol: 'openid-connect' })).id;
    await clientScopes.update({ id: ids.scope }, { name: 'stock', description: 'What is there', protocol: 'openid-connect' });
    assert.equal((await clientScopes.findOne({ id: ids.scope })).description, 'What is there');
    assert.equal((await clientScopes.findOneByName({ name: 'stock' })).id, ids.scope);
    one(await clientScopes.find(), 'name', 'stock');
    const [add, list, del] = [{ id: ids.scope }, (await clientScopes.listDefaultClientScopes()).length, { id: ids.scope }];
    await clientScopes.addDefaultClientScope(add);
    assert.equal((await clientScopes.listDefaultClientScopes()).length, list + 1);
    await clientScopes.delDefaultClientScope(del);
    await clientScopes.addDefaultOptionalClientScope(add);
    one(await clientScopes.listDefaultOptionalClientScopes(), 'name', 'stock');
    await clientScopes.delDefaultOptionalClientScope(del);
    await mappers(clientScopes, { id: ids.scope });
    await clientScopes.addRealmScopeMappings({ id: ids.scope }, [ids.clerk]);
    one(await clientScopes.listRealmScopeMappings({ id: ids.scope }), 'name', 'clerk');
    one(await clientScopes.listCompositeRealmScopeMappings({ id: ids.scope }), 'name', 'clerk');
    one(await clientScopes.listAvailableRealmScopeMappings({ id: ids.scope }), 'name', 'chief');
    assert.ok((await clientScopes.listScopeMappings({ id: ids.scope })).realmMappings);
    await clientScopes.delRealmScopeMappings({ id: ids.scope }, [ids.clerk]);
    await clientScopes.create({ name: 'short-lived', protocol: 'openid-connect' });
    await clientScopes.delByName({ name: 'short-lived' });
    await gone(clientScopes.findOneByName({ name: 'short-lived' }));
  });

  test('clients', async () => {
    const { clients } = admin;
    ids.client = (await clients.create({ clientId: 'shop', secret: 'a-secret', publicClient: false, serviceAccountsEnabled: true, directAccessGrantsEnabled: true, redirectUris: ['http://localhost:3000/*'] })).id;
    await refused(409, clients.create({ clientId: 'shop' }));
    const id = ids.client;
    await clients.update({ id }, { clientId: 'shop', name: 'Shop', authorizationServicesEnabled: true });
    assert.equal((await clients.findOne({ id })).name, 'Shop');
    assert.equal(one(await clients.find({ clientId: 'shop' }), 'clientId', 'shop').id, id);
    assert.equal((await clients.getClientSecret({ id })).value, 'a-secret');
    assert.notEqual((await clients.generateNewClientSecret({ id })).value, 'a-secret');
    await clients.invalidateSecret({ id });
    assert.ok((await clients.generateRegistrationAccessToken({ id })).registrationAccessToken);
    ids.serviceAccount = (await clients.getServiceAccountUser({ id })).id;
    await clients.createRole({ id, name: 'seller' });
    await clients.updateRole({ id, roleName: 'seller' }, { name: 'seller', description: 'Sells' });
    ids.seller = await clients.findRole({ id, roleName: 'seller' });
    assert.equal(one(await clients.listRoles({ id }), 'name', 'seller').description, 'Sells');
    assert.deepEqual(await clients.findUsersWithRole({ id, roleName: 'seller' }), []);
    await admin.roles.createComposite({ roleId: ids.chief.id }, [ids.seller]);
    one(await admin.roles.getCompositeRolesForClient({ id: ids.chief.id, clientId: id }), 'name', 'seller');
    await clients.createRole({ id, name: 'short-lived' });
    await clients.delRole({ id, roleName: 'short-lived' });
    await clients.addDefaultClientScope({ id, clientScopeId: ids.scope });
    one(await clients.listDefaultClientScopes({ id }), 'name', 'stock');
    await clients.delDefaultClientScope({ id, clientScopeId: ids.scope });
    await clients.addOptionalClientScope({ id, clientScopeId: ids.scope });
    one(await clients.listOptionalClientScopes({ id }), 'name', 'stock');
    await clients.delOptionalClientScope({ id, clientScopeId: ids.scope });
    await mappers(clients, { id });
    await clients.addRealmScopeMappings({ id }, [ids.clerk]);
    one(await clients.listRealmScopeMappings({ id }), 'name', 'clerk');
    assert.ok((await clients.listCompositeRealmScopeMappings({ id })).length > 0);
    one(await clients.listAvailableRealmScopeMappings({ id }), 'name', 'chief');
    assert.ok((await clients.listScopeMappings({ id })).realmMappings);
    await clients.delRealmScopeMappings({ id }, [ids.clerk]);
    const management = (await clients.find({ clientId: 'realm-management' }))[0].id;
    const viewUsers = await clients.findRole({ id: management, roleName: 'view-users' });
    for (const [resource, owner] of [[clients, { id }], [admin.clientScopes, { id: ids.scope }]]) {
      const of = { ...owner, client: management };
      one(await resource.listAvailableClientScopeMappings(of), 'name', 'view-users');
      await resource.addClientScopeMappings(of, [viewUsers]);
      one(await resource.listClientScopeMappings(of), 'name', 'view-users');
      assert.ok((await resource.listCompositeClientScopeMappings(of)).length > 0);
      await resource.delClientScopeMappings(of, [viewUsers]);
    }
  });

  test('what a client leads to', async () => {
    const { clients } = admin;
    const id = ids.client;
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

  test('users', async () => {
    const { users } = admin;
    ids.user = (await users.create({ username: 'wanda', email: 'wanda@example.org', firstName: 'Wanda', lastName: 'Winter', enabled: true })).id;
    const id = ids.user;
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
    await roleMappings(users, id);
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
    const { users, attackDetection, realms, clients } = admin;
    const id = ids.user;
    const secret = (await clients.getClientSecret({ id: ids.client })).value;
    const form = { grant_type: 'password', client_id: 'shop', client_secret: secret, username: 'wanda', password: `${password}-again`, scope: 'openid offline_access' };
    assert.equal((await server.token(realm, form)).status, 200);
    assert.equal((await server.token(realm, { ...form, scope: 'openid' })).status, 200);
    const sessions = await users.listSessions({ id });
    assert.ok(sessions.length > 0);
    assert.equal((await users.listOfflineSessions({ id, clientId: ids.client })).length, 1);
    assert.ok((await clients.getSessionCount({ id: ids.client })).count > 0);
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
    const { groups, users, realms } = admin;
    ids.group = (await groups.create({ name: 'staff' })).id;
    const id = ids.group;
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
    await users.addToGroup({ id: ids.user, groupId: id });
    one(await groups.listMembers({ id }), 'username', 'wanda');
    one(await users.listGroups({ id: ids.user }), 'name', 'staff');
    assert.equal((await users.countGroups({ id: ids.user })).count, 1);
    await users.delFromGroup({ id: ids.user, groupId: id });
    await roleMappings(groups, id);
    await realms.addDefaultGroup({ realm, id });
    one(await realms.getDefaultGroups({ realm }), 'name', 'staff');
    await realms.removeDefaultGroup({ realm, id });
    await refused(501, groups.listPermissions({ id }));
    await refused(501, groups.updatePermission({ id }, { enabled: true }));
    await groups.del({ id: child });
    await gone(groups.findOne({ id: child }));
  });

  test('components and user storage', async () => {
    const { components, userStorageProvider } = admin;
    const parentId = (await admin.realms.findOne({ realm })).id;
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
    // Nobody listens at its address.
    await assert.rejects(userStorageProvider.sync({ id: ldap, action: 'triggerFullSync' }));
    const [mapper] = await components.find({ parent: ldap, type: 'org.keycloak.storage.ldap.mappers.LDAPStorageMapper' });
    await assert.rejects(userStorageProvider.mappersSync({ parentId: ldap, id: mapper.id, direction: 'fedToKeycloak' }));
    // Two people who came from it: one is kept, then there is none left to take away.
    const [kept, alone] = await Promise.all(['kept', 'alone'].map(async username => (await admin.users.create({ username, federationLink: username === 'kept' ? ldap : undefined })).id));
    await userStorageProvider.unlinkUsers({ id: ldap });
    assert.equal((await admin.users.findOne({ id: kept })).federationLink, undefined);
    await admin.users.update({ id: alone }, { federationLink: ldap });
    await userStorageProvider.removeImportedUsers({ id: ldap });
    await gone(admin.users.findOne({ id: alone }));
    await admin.users.del({ id: kept });
    await components.del({ id: ldap });
  });

  test('authentication', async () => {
    const { authenticationManagement: authentication } = admin;
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
    const { authenticationManagement: authentication } = admin;
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
    const { identityProviders } = admin;
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
    await admin.users.addToFederatedIdentity({ id: ids.user, federatedIdentityId: 'partner', federatedIdentity: { identityProvider: 'partner', userId: '1', userName: 'w' } });
    one(await admin.users.listFederatedIdentities({ id: ids.user }), 'userName', 'w');
    await admin.users.delFromFederatedIdentity({ id: ids.user, federatedIdentityId: 'partner' });
    await identityProviders.delMapper({ alias: 'partner', id: made.id });
    await refused(501, identityProviders.listPermissions({ alias: 'partner' }));
    await refused(501, identityProviders.updatePermission({ alias: 'partner' }, { enabled: true }));
  });

  test('organizations', async () => {
    const { organizations } = admin;
    const id = (await organizations.create({ name: 'acme', alias: 'acme', enabled: true, domains: [{ name: 'acme.example' }] })).id;
    await organizations.updateById({ id }, { id, name: 'acme', alias: 'acme', description: 'Makers', domains: [{ name: 'acme.example' }] });
    assert.equal((await organizations.findOne({ id })).description, 'Makers');
    one(await organizations.find({ search: 'ac' }), 'name', 'acme');
    await organizations.addMember({ orgId: id, userId: ids.user });
    one(await organizations.listMembers({ orgId: id }), 'username', 'wanda');
    assert.equal((await organizations.getMember({ orgId: id, userId: ids.user })).id, ids.user);
    one(await organizations.memberOrganizations({ userId: ids.user }), 'name', 'acme');
    await organizations.linkIdp({ orgId: id, alias: 'partner' });
    one(await organizations.listIdentityProviders({ orgId: id }), 'alias', 'partner');
    await organizations.unLinkIdp({ orgId: id, alias: 'partner' });
    await organizations.delMember({ orgId: id, userId: ids.user });
    await organizations.delById({ id });
    await refused(404, organizations.findOne({ id }));
  });

  test('what comes from elsewhere', async () => {
    const { realms, identityProviders } = admin;
    assert.equal((await realms.partialImport({ realm, rep: { ifResourceExists: 'SKIP', roles: { realm: [{ name: 'imported' }] } } })).added, 1);
    await identityProviders.reloadKeys({ alias: 'partner' });
    await assert.rejects(identityProviders.importFromUrl({ providerId: 'oidc', fromUrl: 'http://localhost:1/' }));
    const pem = new FormData();
    pem.append('file', new Blob(['no certificate']));
    await assert.rejects(identityProviders.uploadCertificate({}, pem));
  });

  test('invitations and groups of an organization', async () => {
    const { organizations } = admin;
    const id = (await organizations.create({ name: 'guild', alias: 'guild', enabled: true, domains: [{ name: 'guild.example' }] })).id;
    await organizations.addMember({ orgId: id, userId: ids.user });
    assert.deepEqual(await organizations.listInvitations({ orgId: id }), []);
    // The realm has no mail server to invite by.
    const invitation = new FormData();
    invitation.append('email', 'new@acme.example');
    await refused(500, organizations.invite({ orgId: id }, invitation));
    const existing = new FormData();
    existing.append('id', (await admin.users.create({ username: 'guest', email: 'guest@acme.example' })).id);
    await refused(500, organizations.inviteExistingUser({ orgId: id }, existing));
    await refused(404, organizations.findInvitation({ orgId: id, invitationId: 'none' }));
    await refused(404, organizations.resendInvitation({ orgId: id, invitationId: 'none' }));
    await refused(404, organizations.deleteInvitation({ orgId: id, invitationId: 'none' }));
    const groups = admin.watched('groups', organizations.groups(id));
    const group = (await groups.create({ name: 'smiths' })).id;
    one(await groups.find(), 'name', 'smiths');
    await groups.addMemberToOrgGroup({ groupId: group, userId: ids.user });
    one(await groups.listMembers({ id: group }), 'username', 'wanda');
    one(await groups.listOrgGroups({ id: ids.user }), 'name', 'smiths');
    await groups.removeMemberFromOrgGroup({ groupId: group, userId: ids.user });
    await groups.del({ id: group });
  });

  test('authorization of a client', async () => {
    const { clients } = admin;
    const id = ids.client;
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
    const policy = await clients.createPolicy({ id, type: 'role' }, { name: 'clerks', type: 'role', roles: [{ id: ids.clerk.id }] });
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
    const question = { clientId: id, userId: ids.user, resources: [{ name: 'holiday', _id: resourceId, scopes: [{ name: 'view' }] }], roleIds: [], entitlements: false, context: { attributes: {} } };
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
    const { clients } = admin;
    const of = { id: ids.client, scope: 'openid', userId: ids.user, audience: '' };
    assert.ok((await clients.evaluatePermission({ id: ids.client, scope: 'openid', roleContainer: realm, type: 'granted' })).length > 0);
    assert.ok((await clients.evaluateListProtocolMapper({ id: ids.client, scope: 'openid' })).length > 0);
    assert.equal((await clients.evaluateGenerateAccessToken(of)).azp, 'shop');
    assert.equal((await clients.evaluateGenerateIdToken(of)).azp, 'shop');
    assert.equal((await clients.evaluateGenerateUserInfo(of)).sub, ids.user);
    await assert.rejects(clients.evaluateGenerateSamlResponse(of));
  });

  test('workflows', async () => {
    const { workflows } = admin;
    const id = (await workflows.create({ name: 'goodbye', enabled: true, on: 'user-created', steps: [{ uses: 'disable-user', after: 'P30D' }] })).id;
    await workflows.createAsYaml({ realm, yaml: 'name: farewell\non: user-created\nsteps:\n  - uses: delete-user\n    after: P60D\n' });
    assert.equal((await workflows.findOne({ id })).name, 'goodbye');
    await workflows.update({ id }, { name: 'goodbye', enabled: false, on: 'user-created', steps: [{ uses: 'disable-user', after: 'P40D' }] });
    assert.equal(one(await workflows.find(), 'name', 'goodbye').enabled, false);
    assert.ok(Array.isArray(await workflows.scheduled({ userId: ids.user })));
    await workflows.delById({ id });
    await gone(workflows.findOne({ id }));
  });

  test('client policies', async () => {
    const { clientPolicies } = admin;
    await clientPolicies.createProfiles({ profiles: [{ name: 'strict', executors: [{ executor: 'pkce-enforcer', configuration: { 'auto-configure': true } }] }] });
    one((await clientPolicies.listProfiles({ includeGlobalProfiles: true })).profiles, 'name', 'strict');
    await clientPolicies.updatePolicy({ policies: [{ name: 'everybody', enabled: true, profiles: ['strict'], conditions: [{ condition: 'any-client', configuration: {} }] }] });
    one((await clientPolicies.listPolicies({ includeGlobalPolicies: true })).policies, 'name', 'everybody');
    await clientPolicies.updatePolicy({ policies: [] });
    assert.deepEqual((await clientPolicies.listPolicies()).policies, []);
  });

  test('the server, its caches and who asks', async () => {
    const { serverInfo, cache, whoAmI } = admin;
    assert.ok((await serverInfo.find()).componentTypes);
    assert.ok((await serverInfo.findEffectiveMessageBundles({ realm, theme: 'keycloak.v2', themeType: 'admin', locale: 'en' })).length > 1000);
    for (const clear of ['clearUserCache', 'clearKeysCache', 'clearCrlCache', 'clearRealmCache']) await cache[clear]({ realm });
    // A token of admin-cli is none of the console's.
    await refused(403, whoAmI.find({ realm: 'master', currentRealm: realm }));
  });

  test('what is gone is gone', async () => {
    await admin.clients.del({ id: ids.client });
    await gone(admin.clients.findOne({ id: ids.client }));
    await admin.clientScopes.del({ id: ids.scope });
    await admin.identityProviders.del({ alias: 'partner' });
    await gone(admin.identityProviders.findOne({ alias: 'partner' }));
    await admin.groups.del({ id: ids.group });
    await admin.users.del({ id: ids.user });
    await admin.realms.del({ realm });
    await gone(admin.realms.findOne({ realm }));
  });

  test('nothing of the package was left out', () => assert.deepEqual(admin.uncalled.filter(method => !off.includes(method)), []));

  /** Protocol mappers, which clients and client scopes have alike. */
  async function mappers(resource, owner) {
    const mapper = name => ({ name, protocol: 'openid-connect', protocolMapper: 'oidc-hardcoded-claim-mapper', config: { 'claim.name': name, 'claim.value': '1' } });
    await resource.addProtocolMapper(owner, mapper('one'));
    await resource.addMultipleProtocolMappers(owner, [mapper('two'), mapper('three')]);
    const [id] = (await resource.listProtocolMappers(owner)).filter(m => m.name === 'one').map(m => m.id);
    await resource.updateProtocolMapper({ ...owner, mapperId: id }, { ...mapper('one'), id, config: { 'claim.name': 'one', 'claim.value': '2' } });
    const find = resource.findProtocolMapperById ?? resource.findProtocolMapper;
    assert.equal((await find({ ...owner, mapperId: id })).config['claim.value'], '2');
    assert.equal((await resource.findProtocolMapperByName({ ...owner, name: 'one' })).id, id);
    one(await resource.findProtocolMappersByProtocol({ ...owner, protocol: 'openid-connect' }), 'name', 'two');
    await resource.delProtocolMapper({ ...owner, mapperId: id });
    assert.ok(!(await resource.listProtocolMappers(owner)).some(m => m.name === 'one'));
  }

  /** Role mappings, which users and groups have alike. */
  async function roleMappings(resource, id) {
    const client = { id, clientUniqueId: ids.client };
    one(await resource.listAvailableRealmRoleMappings({ id }), 'name', 'clerk');
    await resource.addRealmRoleMappings({ id, roles: [ids.clerk] });
    one(await resource.listRealmRoleMappings({ id }), 'name', 'clerk');
    one(await resource.listCompositeRealmRoleMappings({ id }), 'name', 'clerk');
    one(await resource.listAvailableClientRoleMappings(client), 'name', 'seller');
    await resource.addClientRoleMappings({ ...client, roles: [ids.seller] });
    one(await resource.listClientRoleMappings(client), 'name', 'seller');
    one(await resource.listCompositeClientRoleMappings(client), 'name', 'seller');
    assert.ok((await resource.listRoleMappings({ id })).clientMappings);
    await resource.delClientRoleMappings({ ...client, roles: [ids.seller] });
    await resource.delRealmRoleMappings({ id, roles: [ids.clerk] });
  }
});
