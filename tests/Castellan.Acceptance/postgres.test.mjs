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

  test('of 50 uses of one refresh token at both nodes exactly one wins', async () => {
    const revoking = await first.admin('PUT', '/myrealm', { revokeRefreshToken: true, refreshTokenMaxReuse: 0 });
    assert.equal(revoking.status, 204, await revoking.text());
    await eventually(async () => assert.equal((await (await second.admin('GET', '/myrealm')).json()).revokeRefreshToken, true));
    for (let round = 0; round < 3; round++) {
      const { refresh_token: token } = await first.token('myrealm', { grant_type: 'password', ...client, username: 'alice', password: 'alice' });
      const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => (at % 2 ? first : second).token('myrealm', { grant_type: 'refresh_token', ...client, refresh_token: token })));
      assert.equal(answers.filter(answer => answer.status === 200).length, 1, JSON.stringify(answers.map(answer => answer.error)));
      assert.ok(answers.every(answer => answer.status === 200 || answer.error === 'invalid_grant'), JSON.stringify(answers.map(answer => answer.error)));
    }
    await first.admin('PUT', '/myrealm', { revokeRefreshToken: false });
  });

  test('what a node answered before it was killed is there at the other', async () => {
    const admin = await second.adminToken();
    const created = [];
    let killed = false;
    const creating = Array.from({ length: 8 }, async (_, worker) => {
      for (let number = 0; !killed; number++) {
        const response = await fetch(`${second.base}/admin/realms/myrealm/users`, {
          method: 'POST', headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' }, body: JSON.stringify({ username: `node-${worker}-${number}`, enabled: true }),
        }).catch(() => null);
        if (!response) return;
        assert.equal(response.status, 201, await response.text());
        created.push(response.headers.get('location').split('/').pop());
      }
    });
    for (let waited = 0; created.length < 40 && waited < 600; waited++) await sleep(20);
    assert.ok(created.length >= 40, 'too little was written to tell anything');
    await second.program.kill();
    killed = true;
    await Promise.all(creating);
    for (const id of created) assert.equal((await first.admin('GET', `/myrealm/users/${id}`)).status, 200, 'a user that was created is gone');
    await second.begin();
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
