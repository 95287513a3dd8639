// The server on PostgreSQL: what it answers is the same, and two nodes on one database are one server.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Castellan, sampleRealm } from './lib/castellan.mjs';
import { database, withoutPostgres } from './lib/postgres.mjs';

const client = { client_id: 'my-api-client', client_secret: 'my-api-secret' };

describe('two nodes on one PostgreSQL', { skip: withoutPostgres }, () => {
  let own, first, second;
  before(async () => {
    own = await database();
    first = await Castellan.start({ realms: [sampleRealm], options: own.options });
    // Behind a balancer the nodes have one address; here the issuer says so.
    second = await Castellan.start({ options: [...own.options, `--hostname=${first.base}`] });
  });
  after(async () => {
    await second?.stop();
    await first?.stop();
    await own?.drop();
  });

  test('a token of one node is refreshed at the other, once', async () => {
    await eventually(async () => assert.equal((await second.token('myrealm', { grant_type: 'client_credentials', ...client })).status, 200));
    const signedIn = await first.token('myrealm', { grant_type: 'password', ...client, username: 'alice', password: 'alice' });
    assert.equal(signedIn.status, 200, JSON.stringify(signedIn));
    const refreshed = await second.token('myrealm', { grant_type: 'refresh_token', ...client, refresh_token: signedIn.refresh_token });
    assert.equal(refreshed.status, 200, JSON.stringify(refreshed));
  });

  test('what an administrator changes at one node holds at the other', async () => {
    const updated = await first.admin('PUT', '/myrealm', { accessTokenLifespan: 77 });
    assert.equal(updated.status, 204, await updated.text());
    await eventually(async () => assert.equal((await second.token('myrealm', { grant_type: 'client_credentials', ...client })).expires_in, 77));
  });

  test('a session that is ended at one node is ended at the other', async () => {
    const signedIn = await first.token('myrealm', { grant_type: 'password', ...client, username: 'alice', password: 'alice' });
    const ended = await fetch(`${second.realm('myrealm')}/protocol/openid-connect/logout`, { method: 'POST', body: new URLSearchParams({ ...client, refresh_token: signedIn.refresh_token }) });
    assert.equal(ended.status, 204);
    const refused = await first.token('myrealm', { grant_type: 'refresh_token', ...client, refresh_token: signedIn.refresh_token });
    assert.equal(refused.error, 'invalid_grant');
  });

  test('a node that is killed costs nobody a session', async () => {
    const signedIn = await second.token('myrealm', { grant_type: 'password', ...client, username: 'alice', password: 'alice' });
    await second.program.kill();
    const refreshed = await first.token('myrealm', { grant_type: 'refresh_token', ...client, refresh_token: signedIn.refresh_token });
    assert.equal(refreshed.status, 200, JSON.stringify(refreshed));
    await second.begin();
  });
});

/** Nodes tell one another of changes; a notice may take a moment. */
async function eventually(check) {
  for (let tries = 0; ; tries++) {
    try { return await check(); } catch (error) { if (tries === 50) throw error; }
    await sleep(100);
  }
}
