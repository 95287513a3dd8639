// kill -9 in the middle of writing: what was answered is there afterwards, on either database.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Castellan, sampleRealm } from './lib/castellan.mjs';
import { database, withoutPostgres } from './lib/postgres.mjs';

const client = { client_id: 'my-api-client', client_secret: 'my-api-secret' };
const workers = 16;

for (const engine of ['SQLite', 'PostgreSQL']) describe(`kill -9 under load, ${engine}`, { skip: engine === 'PostgreSQL' && withoutPostgres }, () => {
  let server, own;
  before(async () => {
    own = engine === 'PostgreSQL' ? await database() : null;
    server = await Castellan.start({ realms: [sampleRealm], options: own?.options });
    // As long as a refresh token is good for one use only, its successor is a write that nobody may lose.
    const updated = await server.admin('PUT', '/myrealm', { revokeRefreshToken: true, refreshTokenMaxReuse: 0 });
    assert.equal(updated.status, 204, await updated.text());
  });
  after(async () => {
    await server?.stop();
    await own?.drop();
  });

  test('no answered write is lost', async () => {
    for (let round = 0; round < 3; round++) {
      const admin = await server.adminToken();
      const tokens = [], created = [];
      let killed = false;
      const first = await Promise.all(Array.from({ length: workers }, signIn));
      const refreshing = first.map(async (start, worker) => {
        tokens[worker] = [start];
        while (!killed) {
          const answer = await server.token('myrealm', { grant_type: 'refresh_token', ...client, refresh_token: tokens[worker].at(-1) }).catch(() => null);
          if (!answer) return;
          assert.equal(answer.status, 200, JSON.stringify(answer));
          tokens[worker].push(answer.refresh_token);
        }
      });
      const creating = Array.from({ length: 4 }, async (_, worker) => {
        for (let number = 0; !killed; number++) {
          const username = `round${round}-worker${worker}-${number}`;
          const response = await fetch(`${server.base}/admin/realms/myrealm/users`, {
            method: 'POST', headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' }, body: JSON.stringify({ username, enabled: true }),
          }).catch(() => null);
          if (!response) return;
          assert.equal(response.status, 201, await response.text());
          created.push(response.headers.get('location').split('/').pop());
        }
      });
      const enough = () => tokens.every(list => list.length > 3) && created.length > 8;
      for (let waited = 0; !enough() && waited < 600; waited++) await sleep(50);
      await sleep(100 + 150 * round);
      assert.ok(enough(), 'too little was written to tell anything');
      await server.program.kill();
      killed = true;
      await Promise.all([...refreshing, ...creating]);
      await server.begin();

      for (const id of created) assert.equal((await server.admin('GET', `/myrealm/users/${id}`)).status, 200, 'a user that was created is gone');
      for (const list of tokens) {
        // The last token that was answered works, unless its successor was written and only the answer was lost; the one before is spent for good.
        const last = await server.token('myrealm', { grant_type: 'refresh_token', ...client, refresh_token: list.at(-1) });
        assert.ok(last.status === 200 || last.error === 'invalid_grant', JSON.stringify(last));
        const spent = await server.token('myrealm', { grant_type: 'refresh_token', ...client, refresh_token: list.at(-2) });
        assert.equal(spent.error, 'invalid_grant', 'a rotation that was answered has been undone');
      }
    }
  });

  test('of 50 uses of one refresh token at once exactly one wins', async () => {
    for (let round = 0; round < 3; round++) {
      const token = await signIn();
      const answers = await Promise.all(Array.from({ length: 50 }, () => server.token('myrealm', { grant_type: 'refresh_token', ...client, refresh_token: token })));
      assert.equal(answers.filter(answer => answer.status === 200).length, 1);
      assert.ok(answers.every(answer => answer.status === 200 || answer.error === 'invalid_grant'), JSON.stringify(answers.map(answer => answer.error)));
    }
  });

  async function signIn() {
    const answer = await server.token('myrealm', { grant_type: 'password', ...client, username: 'alice', password: 'alice' });
    assert.equal(answer.status, 200, JSON.stringify(answer));
    return answer.refresh_token;
  }
});
