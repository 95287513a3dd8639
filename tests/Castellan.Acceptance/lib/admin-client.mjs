// Keycloak's own client of the Admin REST API, signed in, and a record of what was called: a test may ask that nothing was left out.

import KcAdminClient from '@keycloak/keycloak-admin-client';

export class AdminClient {
  #called = new Set();
  #resources;

  static async signIn(server, realmName) {
    const admin = new AdminClient();
    const client = new KcAdminClient({ baseUrl: server.base, realmName: 'master' });
    const credentials = { grantType: 'password', clientId: 'admin-cli', username: 'admin', password: 'admin' };
    await client.auth(credentials);
    // A token names the realms that it administers, so each call asks with a young one.
    client.registerTokenProvider({ getAccessToken: () => server.adminToken() });
    client.setConfig({ realmName });
    admin.#resources = Object.keys(client).filter(name => typeof client[name] === 'object' && client[name] !== null && !Array.isArray(client[name]) && client[name].constructor !== Object);
    for (const name of admin.#resources) admin[name] = admin.watched(name, client[name]);
    return admin;
  }

  /** A resource whose calls count as those of a name; also one that another resource hands out. */
  watched(name, resource) {
    return new Proxy(resource, {
      get: (target, method) => {
        const value = Reflect.get(target, method, target);
        if (typeof value !== 'function') return value;
        return (...parameters) => {
          this.#called.add(`${name}.${String(method)}`);
          return value.apply(target, parameters);
        };
      },
    });
  }

  /** The methods of the package's resources that nobody called. */
  get uncalled() {
    return this.#resources.flatMap(name => methodsOf(this[name]).map(method => `${name}.${method}`)).filter(method => !this.#called.has(method)).sort();
  }
}

function methodsOf(resource) {
  const names = new Set();
  for (let level = resource; level && level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const name of Object.getOwnPropertyNames(level)) names.add(name);
  }
  return [...names].filter(name => name !== 'constructor' && !/^(_|make|getOrgId|isOrgGroups)/.test(name) && typeof Object.getOwnPropertyDescriptor(resource, name)?.get === 'undefined' && typeof resource[name] === 'function');
}
