// What GET /users of a protected API must answer to tokens good and bad, whatever the API is written in.

import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';

const client = { client_id: 'my-api-client', client_secret: 'my-api-secret' };
const encoded = value => Buffer.from(JSON.stringify(value)).toString('base64url');
const decoded = part => JSON.parse(Buffer.from(part, 'base64url'));

export async function tokenOf({ server }, name) {
  const answer = await server.token('myrealm', { grant_type: 'password', ...client, username: name, password: name });
  assert.equal(answer.status, 200, JSON.stringify(answer));
  return answer.access_token;
}

export const ask = (url, token) => fetch(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });

/** @param given gives the server and the URL, once they are there */
export function listUsers(given) {
  test('a good token gets the list', async () => {
    const response = await ask(given().url, await tokenOf(given(), 'alice'));
    assert.equal(response.status, 200);
    assert.ok((await response.json()).length > 0);
  });

  test("the client's own token gets the list", async () => {
    const answer = await given().server.token('myrealm', { grant_type: 'client_credentials', ...client });
    assert.equal((await ask(given().url, answer.access_token)).status, 200);
  });

  test('no token gets 401', async () => {
    const response = await ask(given().url);
    assert.equal(response.status, 401);
  });

  test("a token of another realm gets 401", async () => {
    assert.equal((await ask(given().url, await given().server.adminToken())).status, 401);
  });

  test('a token that somebody changed or made gets 401', async () => {
    const token = await tokenOf(given(), 'alice');
    const [header, payload, signature] = token.split('.');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const body = encoded({ ...decoded(payload), preferred_username: 'mallory' });
    const jwks = await (await fetch(`${given().server.realm('myrealm')}/protocol/openid-connect/certs`)).json();
    const hmacHeader = encoded({ ...decoded(header), alg: 'HS256' });
    const forged = {
      'other claims': `${header}.${body}.${signature}`,
      'no signature': `${header}.${payload}.`,
      'alg none': `${encoded({ alg: 'none', typ: 'JWT' })}.${body}.`,
      'a key of their own': `${header}.${body}.${sign('sha256', Buffer.from(`${header}.${body}`), privateKey).toString('base64url')}`,
      'the public key as a secret': `${hmacHeader}.${body}.${createHmac('sha256', JSON.stringify(jwks.keys[0])).update(`${hmacHeader}.${body}`).digest('base64url')}`,
      'half a token': token.slice(0, token.length / 2),
      'no token at all': 'x',
    };
    for (const [what, attempt] of Object.entries(forged)) assert.equal((await ask(given().url, attempt)).status, 401, what);
  });
}
