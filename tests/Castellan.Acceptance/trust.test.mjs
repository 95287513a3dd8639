// Certificate authorities of the operator's own: what they vouch for is trusted, what nobody vouches for is not.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Castellan, sampleRealm } from './lib/castellan.mjs';

const openssl = (...parameters) => promisify(execFile)('openssl', parameters);

describe('truststore-paths', () => {
  let folder, receiver;
  const got = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castellan-trust-'));
    const file = name => join(folder, name);
    await openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=Own authority', '-keyout', file('ca.key'), '-out', file('ca.pem'));
    await openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost', '-keyout', file('key.pem'), '-out', file('request.pem'));
    await writeFile(file('names'), 'subjectAltName=DNS:localhost\n');
    await openssl('x509', '-req', '-in', file('request.pem'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', file('names'), '-out', file('cert.pem'));
    receiver = createServer({ key: await readFile(file('key.pem')), cert: await readFile(file('cert.pem')) }, (request, response) => {
      got.push(request.url);
      request.resume();
      response.writeHead(204).end();
    }).listen(0, 'localhost');
    await once(receiver, 'listening');
  });
  after(async () => {
    receiver?.close();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [trusted, what] of [[false, 'a strange authority is not believed'], [true, 'one that is named is']])
    test(what, async () => {
      got.length = 0;
      const server = await Castellan.start({
        realms: [sampleRealm],
        options: [`--spi-events-listener--webhook--url=https://localhost:${receiver.address().port}/hook`, ...(trusted ? [`--truststore-paths=${join(folder, 'ca.pem')}`] : [])],
        env: { KC_SPI_EVENTS_LISTENER__WEBHOOK__SECRET: 'a-secret-of-some-length' },
      });
      try {
        const set = await server.admin('PUT', '/myrealm/events/config', { eventsListeners: ['webhook'] });
        assert.equal(set.status, 204, await set.text());
        await server.token('myrealm', { grant_type: 'password', client_id: 'my-api-client', client_secret: 'my-api-secret', username: 'alice', password: 'alice' });
        for (let waited = 0; !got.length && waited < (trusted ? 200 : 60); waited++) await sleep(50);
        assert.equal(got.length > 0, trusted);
      } finally {
        await server.stop();
      }
    });
});
