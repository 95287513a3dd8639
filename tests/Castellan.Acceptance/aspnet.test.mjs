// The C# API of samples/aspnet-api, native: the same as the Express one, and it looks at roles.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Castellan, api as program, sampleRealm } from './lib/castellan.mjs';
import { Program, freePort } from './lib/program.mjs';
import { ask, listUsers, tokenOf } from './lib/users-api.mjs';

describe('samples/aspnet-api', () => {
  let server, api, url;
  before(async () => {
    server = await Castellan.start({ realms: [sampleRealm] });
    const port = await freePort();
    url = `http://localhost:${port}/users`;
    api = new Program(program, [], { env: { REALM_URL: server.realm('myrealm'), ASPNETCORE_URLS: `http://127.0.0.1:${port}` } });
    await api.answers(url, 401);
  });
  after(async () => {
    await api?.stop();
    await server?.stop();
  });

  listUsers(() => ({ server, url }));

  test('a token without the role gets 403', async () => {
    const response = await ask(url, await tokenOf({ server }, 'bob'));
    assert.equal(response.status, 403);
    assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer .*error="insufficient_scope"/);
  });

  test('a refusal says why, as RFC 6750 has it', async () => {
    assert.match((await ask(url)).headers.get('www-authenticate') ?? '', /^Bearer/);
    assert.match((await ask(url, 'x')).headers.get('www-authenticate') ?? '', /error="invalid_token"/);
  });

  test('keys that the realm rotates in are taken, and the old ones still', async () => {
    const before = await tokenOf({ server }, 'alice');
    const added = await server.admin('POST', '/myrealm/components', {
      name: 'newer', providerId: 'rsa-generated', providerType: 'org.keycloak.keys.KeyProvider', config: { priority: ['200'], enabled: ['true'], active: ['true'], algorithm: ['RS256'] },
    });
    assert.equal(added.status, 201, await added.text());
    const after = await tokenOf({ server }, 'alice');
    assert.notEqual(header(after).kid, header(before).kid);
    assert.equal((await ask(url, after)).status, 200);
    assert.equal((await ask(url, before)).status, 200);
  });

  test('it goes on while the server is down', async () => {
    const token = await tokenOf({ server }, 'alice');
    await server.program.stop();
    assert.equal((await ask(url, token)).status, 200);
    await server.begin();
  });
});

const header = token => JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
