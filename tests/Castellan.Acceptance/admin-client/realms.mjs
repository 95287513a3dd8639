// Realms: settings, events, initial access, texts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realm, one, gone, refused } from './checks.mjs';

/** @param world The signed-in client, and the ids of what the tests before have made. */
export default function (world) {
  test('realms', async () => {
    const { realms } = world.admin;
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
    const { realms } = world.admin;
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
    const { realms } = world.admin;
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
}
