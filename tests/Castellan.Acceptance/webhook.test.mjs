// Events go to a webhook of the operator's: signed, until somebody took them, across a crash.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Castellan, sampleRealm } from './lib/castellan.mjs';

const secret = 'whsec_' + Buffer.from('a key of some length for events').toString('base64');
const client = { client_id: 'my-api-client', client_secret: 'my-api-secret' };

describe('a webhook for events', () => {
  let server, receiver, status = 204;
  const got = [];
  before(async () => {
    receiver = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      got.push({ status, headers: request.headers, method: request.method, body: Buffer.concat(chunks).toString() });
      response.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    server = await Castellan.start({
      realms: [sampleRealm],
      options: [`--spi-events-listener--webhook--url=http://127.0.0.1:${receiver.address().port}/events`],
      env: { KC_SPI_EVENTS_LISTENER__WEBHOOK__SECRET: secret },
    });
    const set = await server.admin('PUT', '/myrealm/events/config', {
      eventsEnabled: true, eventsListeners: ['jboss-logging', 'webhook'], eventsExpiration: 3600, adminEventsEnabled: true, adminEventsDetailsEnabled: true,
    });
    assert.equal(set.status, 204, await set.text());
  });
  after(async () => {
    await server?.stop();
    receiver?.close();
  });

  /** The first message that is like this, waited for. */
  async function message(like, seconds = 20) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(50)) {
      const found = got.find(m => m.status === 204 && like(JSON.parse(m.body)));
      if (found) return { ...found, json: JSON.parse(found.body) };
    }
    assert.fail(`no such message among ${JSON.stringify(got.map(m => m.body))}`);
  }

  test('the console may choose it, since it is configured', async () => {
    const info = await (await fetch(`${server.base}/admin/serverinfo`, { headers: { authorization: `Bearer ${await server.adminToken()}` } })).json();
    assert.ok(info.providers.eventsListener.providers.webhook);
  });

  test('a sign-in arrives, signed', async () => {
    const answer = await server.token('myrealm', { grant_type: 'password', ...client, username: 'alice', password: 'alice' });
    assert.equal(answer.status, 200);
    const { headers, method, body, json } = await message(m => m.kind === 'event' && m.data.type === 'LOGIN');
    assert.equal(method, 'POST');
    assert.equal(headers['content-type'].split(';')[0], 'application/json');
    assert.equal(json.realm, 'myrealm');
    assert.equal(json.data.clientId, 'my-api-client');
    assert.equal(json.data.sessionId, answer.session_state);
    assert.ok(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000) < 60);
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const expected = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64');
    assert.equal(headers['webhook-signature'], `v1,${expected}`);
  });

  test('a refusal arrives with its reason', async () => {
    await server.token('myrealm', { grant_type: 'password', ...client, username: 'alice', password: 'wrong' });
    const { json } = await message(m => m.kind === 'event' && m.data.type === 'LOGIN_ERROR');
    assert.equal(json.data.error, 'invalid_user_credentials');
  });

  test('what an administrator does arrives with what was sent', async () => {
    const made = await server.admin('POST', '/myrealm/users', { username: 'dora', enabled: true });
    assert.equal(made.status, 201);
    const { json } = await message(m => m.kind === 'admin-event' && m.data.resourceType === 'USER');
    assert.equal(json.data.operationType, 'CREATE');
    assert.match(json.data.resourcePath, /^users\//);
    assert.equal(JSON.parse(json.data.representation).username, 'dora');
  });

  test('a message that nobody takes is kept through a crash and sent again', async () => {
    status = 503;
    await server.admin('POST', '/myrealm/roles', { name: 'kept' });
    for (let waited = 0; !got.some(m => m.status === 503 && m.body.includes('kept')) && waited < 200; waited++) await sleep(50);
    const refused = got.find(m => m.status === 503 && m.body.includes('kept'));
    assert.ok(refused, 'it was not even tried');
    await server.program.kill();
    status = 204;
    await server.begin();
    const { headers } = await message(m => m.kind === 'admin-event' && m.data.resourcePath === 'roles/kept', 90);
    assert.equal(headers['webhook-id'], refused.headers['webhook-id']);
  });

  test('each message was taken once', () => {
    const taken = got.filter(m => m.status === 204).map(m => m.headers['webhook-id']);
    assert.equal(new Set(taken).size, taken.length);
  });

  test('a listener that nobody configured is refused', async () => {
    const other = await Castellan.start({ realms: [sampleRealm] });
    try {
      const refused = await other.admin('PUT', '/myrealm/events/config', { eventsListeners: ['webhook'] });
      assert.equal(refused.status, 400);
    } finally {
      await other.stop();
    }
  });
});
