// Every page of both consoles by its route, for a realm that lib/console-realm.mjs describes.

const each = (list, page) => list.map(page);

/** @param ids  of the things of the realm, by their kind and name */
export function adminPages(ids) {
  const shop = `/clients/${ids.client.shop}`, saml = `/clients/${ids.client['urn:partner']}`, user = `/users/${ids.user}`, group = `/groups/${ids.group.staff}`;
  const authorization = `${shop}/authorization`, scope = `/client-scopes/${ids.scope.stock}`, permissions = `/permissions/${ids.client['admin-permissions']}`;
  return {
    realm: [
      '', '/info', '/providers',
      ...each(['general', 'login', 'email', 'themes/settings', 'themes/quickTheme', 'keys/list', 'keys/providers', 'events', 'localization', 'security-defenses', 'sessions', 'tokens',
        'client-policies/profiles', 'client-policies/policies', 'user-profile/attributes', 'user-profile/attributes-group', 'user-profile/unmanaged-attributes', 'user-profile/json-editor',
        'user-registration'], tab => `/realm-settings/${tab}`),
      '/realm-settings/user-profile/attributes/add-attribute', '/realm-settings/user-profile/attributes/email/edit-attribute',
      '/realm-settings/user-profile/attributesGroup/new', '/realm-settings/user-profile/attributesGroup/edit/user-metadata',
      '/realm-settings/client-policies/profiles/add-profile', '/realm-settings/client-policies/fapi-1-baseline/edit-profile', '/realm-settings/client-policies/strict/edit-profile',
      '/realm-settings/client-policies/strict/add-executor', '/realm-settings/client-policies/strict/edit-profile/pkce-enforcer',
      '/realm-settings/client-policies/policies/add-client-policy', '/realm-settings/client-policies/everybody/edit-policy',
      '/realm-settings/client-policies/everybody/edit-policy/create-condition', '/realm-settings/client-policies/everybody/edit-policy/client-access-type/edit-condition',
      ...Object.entries(ids.keys).map(([type, id]) => `/realm-settings/keys/providers/${id}/${type}/settings`),
    ],
    clients: [
      '/clients', '/clients/initial-access-token', '/clients/initialAccessToken/create', '/clients/client-registration', '/clients/client-registration/anonymous',
      '/clients/client-registration/authenticated', `/clients/client-registration/anonymous/trusted-hosts/${ids.registrationPolicy}`, '/clients/client-registration/anonymous/max-clients',
      '/clients/add-client', '/clients/import-client',
      ...each(['settings', 'keys', 'credentials', 'roles', 'clientScopes/setup', 'clientScopes/evaluate', 'serviceAccount', 'sessions', 'advanced', 'events'], tab => `${shop}/${tab}`),
      ...each(['settings', 'keys', 'roles', 'clientScopes/setup', 'sessions', 'advanced'], tab => `${saml}/${tab}`),
      `${shop}/clientScopes/dedicated`, `${shop}/clientScopes/dedicated/scope`, `${shop}/clientScopes/dedicated/mappers/${ids.mapper.own}/edit`,
      `${shop}/clientScopes/dedicated/mappers/oidc-usermodel-attribute-mapper/new`,
      `${shop}/roles/new`, ...each(['details', 'attributes', 'associated-roles', 'users-in-role'], tab => `${shop}/roles/${ids.role.seller}/${tab}`),
    ],
    authorization: [
      ...each(['settings', 'resources', 'scopes', 'policies', 'permissions', 'evaluate', 'export'], tab => `${authorization}/${tab}`),
      `${authorization}/resource/new`, `${authorization}/resource/${ids.authz.resource}`, `${authorization}/scope/new`, `${authorization}/scope/${ids.authz.scope}`,
      ...each(['aggregate', 'client', 'client-scope', 'group', 'regex', 'role', 'time', 'user'], type => `${authorization}/policy/new/${type}`), `${authorization}/policy/${ids.authz.policy}/role`,
      `${authorization}/permission/new/resource`, `${authorization}/permission/new/scope`, `${authorization}/permission/resource/${ids.authz.permission}`,
    ],
    scopes: [
      '/client-scopes', '/client-scopes/new', ...each(['settings', 'mappers', 'scope', 'events'], tab => `${scope}/${tab}`), `${scope}/mappers/${ids.mapper.shelf}/edit`,
      `${scope}/mappers/oidc-audience-mapper/new`,
    ],
    roles: ['/roles', '/roles/new', ...each(['details', 'associated-roles', 'attributes', 'users-in-role', 'events'], tab => `/roles/${ids.role.chief}/${tab}`)],
    users: [
      '/users', '/users/add-user',
      ...each(['settings', 'attributes', 'credentials', 'role-mapping', 'groups', 'organizations', 'consents', 'identity-provider-links', 'sessions', 'events', 'workflows'], tab => `${user}/${tab}`),
    ],
    groups: ['/groups', `${group} *`],
    sessions: ['/sessions', '/events', '/events/user-events', '/events/admin-events'],
    authentication: [
      '/authentication', ...each(['flows', 'required-actions', 'policies'], tab => `/authentication/${tab}`), '/authentication/flows/create',
      `/authentication/${ids.flow.browser}/DEFAULT/builtIn`, `/authentication/${ids.flow.registration}/DEFAULT/builtIn`, `/authentication/${ids.flow['my browser']}/NOT_IN_USE`,
    ],
    providers: [
      '/identity-providers',
      ...each(['oidc', 'keycloak-oidc', 'saml', 'oauth2', 'spiffe', 'kubernetes', 'jwt-authorization-grant'], type => `/identity-providers/${type}/add`),
      ...each(['google', 'github', 'facebook', 'gitlab', 'microsoft', 'bitbucket', 'linkedin-openid-connect', 'twitter', 'paypal', 'stackoverflow', 'openshift-v4'], type => `/identity-providers/${type}/add`),
      ...each(['oidc/oidc', 'saml/partner', 'google/google'], provider => `/identity-providers/${provider}/settings`), '/identity-providers/oidc/oidc/mappers', '/identity-providers/oidc/oidc/mappers/create',
      `/identity-providers/oidc/oidc/mappers/${ids.brokerMapper}`, '/identity-providers/saml/partner/mappers', '/identity-providers/oidc/oidc/events',
    ],
    federation: [
      '/user-federation', '/user-federation/ldap/new', '/user-federation/kerberos/new', `/user-federation/ldap/${ids.directory}`, `/user-federation/ldap/${ids.directory}/mappers`,
      `/user-federation/ldap/${ids.directory}/mappers/${ids.directoryMapper}`, `/user-federation/ldap/${ids.directory}/mappers/new`,
    ],
    organizations: ['/organizations', '/organizations/new', ...each(['settings', 'attributes', 'members', 'groups', 'identityProviders', 'events'], tab => `/organizations/${ids.organization}/${tab}`)],
    workflows: ['/workflows', '/workflows/create/new', `/workflows/update/${ids.workflow}`, `/workflows/copy/${ids.workflow}`],
    permissions: [
      '/permissions', ...each(['permissions', 'policies', 'evaluation'], tab => `${permissions}/${tab}`),
      ...each(['Users', 'Groups', 'Clients', 'Roles', 'Organizations'], type => `${permissions}/permission/new/${type}`), ...each(['user', 'group', 'role', 'client', 'time'], type => `${permissions}/policies/new/${type}`),
    ],
  };
}

export const accountPages = [
  '', 'account-security/signing-in', 'account-security/device-activity', 'account-security/linked-accounts', 'applications', 'groups', 'organizations', 'resources',
];
