// A realm that has something of everything, so that no page of the consoles is an empty one.

export const person = { username: 'wanda', password: 'a-long-enough-password' };

/** The realm as a file would have it. */
export const representation = name => ({
  realm: name, displayName: 'Everything', enabled: true, sslRequired: 'none', eventsEnabled: true, adminEventsEnabled: true, adminEventsDetailsEnabled: true,
  internationalizationEnabled: true, supportedLocales: ['en', 'de'], defaultLocale: 'en', organizationsEnabled: true, adminPermissionsEnabled: true,
  userManagedAccessAllowed: true, registrationAllowed: true, editUsernameAllowed: true,
  smtpServer: { host: 'localhost', port: '2525', from: 'realm@example.org' },
  roles: {
    realm: [{ name: 'clerk', description: 'Serves people', attributes: { level: ['1'] } }, { name: 'chief', composite: true, composites: { realm: ['clerk'] } }],
    client: { shop: [{ name: 'seller' }] },
  },
  groups: [{ name: 'staff', attributes: { floor: ['2'] }, realmRoles: ['clerk'], subGroups: [{ name: 'night shift' }] }],
  defaultGroups: ['/staff'],
  users: [{
    ...{ username: person.username, email: 'wanda@example.org', firstName: 'Wanda', lastName: 'Winter', enabled: true, emailVerified: true },
    credentials: [{ type: 'password', value: person.password }], realmRoles: ['chief', `default-roles-${name}`], groups: ['/staff/night shift'],
    federatedIdentities: [{ identityProvider: 'oidc', userId: '1', userName: 'w' }],
  }],
  clientScopes: [{
    name: 'stock', protocol: 'openid-connect', attributes: { 'include.in.token.scope': 'true' },
    protocolMappers: [{ name: 'shelf', protocol: 'openid-connect', protocolMapper: 'oidc-hardcoded-claim-mapper', config: { 'claim.name': 'shelf', 'claim.value': '7', 'access.token.claim': 'true' } }],
  }],
  clients: [
    {
      clientId: 'shop', name: 'Shop', secret: 'a-secret-for-the-shop', redirectUris: ['http://localhost:3000/*'], webOrigins: ['+'], publicClient: false, standardFlowEnabled: true,
      serviceAccountsEnabled: true, authorizationServicesEnabled: true, directAccessGrantsEnabled: true, baseUrl: 'http://localhost:3000/', alwaysDisplayInConsole: true,
      optionalClientScopes: ['stock'], attributes: { 'backchannel.logout.session.required': 'true' },
      protocolMappers: [{ name: 'own', protocol: 'openid-connect', protocolMapper: 'oidc-hardcoded-claim-mapper', config: { 'claim.name': 'own', 'claim.value': '1' } }],
      authorizationSettings: {
        allowRemoteResourceManagement: true, policyEnforcementMode: 'ENFORCING', decisionStrategy: 'UNANIMOUS',
        resources: [{ name: 'holiday', type: 'picture', uris: ['/pictures/1'], scopes: [{ name: 'view' }] }],
        scopes: [{ name: 'view' }],
        policies: [
          { name: 'clerks', type: 'role', logic: 'POSITIVE', decisionStrategy: 'UNANIMOUS', config: { roles: '[{"id":"clerk","required":false}]' } },
          { name: 'see holidays', type: 'resource', logic: 'POSITIVE', decisionStrategy: 'UNANIMOUS', config: { resources: '["holiday"]', applyPolicies: '["clerks"]' } },
          { name: 'view anything', type: 'scope', logic: 'POSITIVE', decisionStrategy: 'UNANIMOUS', config: { scopes: '["view"]', applyPolicies: '["clerks"]' } },
        ],
      },
    },
    { clientId: 'till', publicClient: true, redirectUris: ['http://localhost:3001/*'], attributes: { 'pkce.code.challenge.method': 'S256' } },
    { clientId: 'urn:partner', protocol: 'saml', redirectUris: ['http://localhost:3002/*'], attributes: { 'saml.assertion.signature': 'true' } },
  ],
  identityProviders: [
    { alias: 'oidc', providerId: 'oidc', enabled: true, config: { authorizationUrl: 'https://idp.example/auth', tokenUrl: 'https://idp.example/token', clientId: 'castellan', clientSecret: 's3cret', clientAuthMethod: 'client_secret_post' } },
    { alias: 'partner', providerId: 'saml', enabled: true, config: { singleSignOnServiceUrl: 'https://partner.example/sso', entityId: 'here', nameIDPolicyFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' } },
    { alias: 'google', providerId: 'google', enabled: true, config: { clientId: 'g', clientSecret: 'g' } },
  ],
  identityProviderMappers: [{ name: 'clerks', identityProviderAlias: 'oidc', identityProviderMapper: 'oidc-hardcoded-role-idp-mapper', config: { role: 'clerk', syncMode: 'INHERIT' } }],
  components: {
    'org.keycloak.storage.UserStorageProvider': [{
      name: 'directory', providerId: 'ldap', config: {
        enabled: ['false'], vendor: ['other'], connectionUrl: ['ldap://localhost:1'], bindDn: ['cn=admin'], bindCredential: ['x'], usersDn: ['ou=people'], usernameLDAPAttribute: ['uid'],
        rdnLDAPAttribute: ['uid'], uuidLDAPAttribute: ['entryUUID'], userObjectClasses: ['inetOrgPerson'], editMode: ['READ_ONLY'], authType: ['simple'], priority: ['0'], cachePolicy: ['DEFAULT'],
      },
      subComponents: { 'org.keycloak.storage.ldap.mappers.LDAPStorageMapper': [{ name: 'email', providerId: 'user-attribute-ldap-mapper', config: { 'ldap.attribute': ['mail'], 'user.model.attribute': ['email'], 'read.only': ['true'] } }] },
    }],
  },
});

/** Makes the realm, and what a realm's file cannot hold; gives the ids of its things. @param api  (method, path, body) below /admin/realms */
export async function furnish(api, name) {
  await api('POST', '', representation(name));
  const R = `/${name}`;
  const get = path => api('GET', `${R}${path}`);
  const byName = (list, key = 'name') => Object.fromEntries(list.map(item => [item[key], item.id]));
  const [client, scope, keys] = [byName(await get('/clients'), 'clientId'), byName(await get('/client-scopes')), byName(await get('/components?type=org.keycloak.keys.KeyProvider'), 'providerId')];
  const users = await get(`/users?username=${person.username}&exact=true`);
  await api('POST', `${R}/organizations`, { name: 'acme', alias: 'acme', enabled: true, domains: [{ name: 'acme.example' }] });
  const [organization] = await get('/organizations');
  await api('POST', `${R}/organizations/${organization.id}/members`, users[0].id);
  await api('POST', `${R}/authentication/flows/browser/copy`, { newName: 'my browser' });
  await api('PUT', `${R}/client-policies/profiles`, { profiles: [{ name: 'strict', executors: [{ executor: 'pkce-enforcer', configuration: { 'auto-configure': true } }] }] });
  await api('PUT', `${R}/client-policies/policies`, {
    policies: [{ name: 'everybody', enabled: true, profiles: ['strict'], conditions: [{ condition: 'client-access-type', configuration: { type: ['public'] } }] }],
  });
  await api('POST', `${R}/workflows`, { name: 'welcome', enabled: true, on: 'user-created', steps: [{ uses: 'disable-user', after: 'P30D' }] });
  const authz = `/clients/${client.shop}/authz/resource-server`;
  const first = async path => (await get(path))[0];
  const permission = await first(`${authz}/permission?max=1`);
  const stock = await get(`/client-scopes/${scope.stock}`);
  const shop = await get(`/clients/${client.shop}`);
  const groups = await get('/groups');
  const policies = await get('/components?type=org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy');
  const [directory] = await get('/components?type=org.keycloak.storage.UserStorageProvider');
  const [directoryMapper] = await get(`/components?parent=${directory.id}&type=org.keycloak.storage.ldap.mappers.LDAPStorageMapper`);
  return {
    client, scope, keys, user: users[0].id, organization: organization.id, group: byName(groups), flow: byName(await get('/authentication/flows'), 'alias'),
    role: { ...byName(await get('/roles')), ...byName(await get(`/clients/${client.shop}/roles`)) },
    mapper: { ...byName(stock.protocolMappers), ...byName(shop.protocolMappers) },
    brokerMapper: (await get('/identity-provider/instances/oidc/mappers'))[0].id,
    registrationPolicy: policies.find(policy => policy.providerId === 'trusted-hosts').id,
    directory: directory.id, directoryMapper: directoryMapper.id,
    workflow: (await first('/workflows')).id,
    authz: {
      resource: (await first(`${authz}/resource`))._id, scope: (await first(`${authz}/scope`)).id, permission: permission.id,
      policy: (await first(`${authz}/policy?permission=false`)).id,
    },
  };
}
