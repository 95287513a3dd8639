// People who sign in: whole sign-ins beside the hash that each must cost, the page they see, and what a flood of them does to everybody else.

import { execFileSync } from 'node:child_process';
import { cpuSeconds, rate } from './lib/load.mjs';
import * as peers from './lib/peers.mjs';
import { atMost, ratio } from './lib/table.mjs';

const redirect = 'http://localhost:3000/callback';

/** Sign-ins a second of the server's processor, beside the hashes that libsodium makes on it. */
export async function signin(server, client) {
  const browsers = 8, each = 12;
  const before = peers.argon2();
  await Promise.all(Array.from({ length: browsers }, () => signIn(server, client)));
  const start = cpuSeconds(server.program.pid);
  await Promise.all(Array.from({ length: browsers }, async () => { for (let number = 0; number < each; number++) await signIn(server, client); }));
  const used = cpuSeconds(server.program.pid) - start;
  ratio('whole sign-ins with a refresh', browsers * each / used, 'libsodium Argon2id', (before + peers.argon2()) / 2, 0.8);
  await page(server, client);
  await flood(server, client);
}

/** What a browser does: the page, the form, the code, the tokens, and the tokens once more. */
async function signIn(server, client) {
  const endpoint = `${server.realm('bench')}/protocol/openid-connect`;
  const shown = await fetch(authorize(endpoint, client), { redirect: 'manual' });
  const action = (await shown.text()).match(/<form[^>]*id="kc-form-login"[^>]*action="([^"]+)"/)?.[1].replaceAll('&amp;', '&');
  if (!action) throw new Error(`no login form: ${shown.status}`);
  const cookie = shown.headers.getSetCookie().map(text => text.split(';')[0]).join('; ');
  const posted = await fetch(action, { method: 'POST', redirect: 'manual', headers: { cookie }, body: new URLSearchParams({ username: 'alice', password: 'alice' }) });
  await posted.arrayBuffer();
  const code = new URL(posted.headers.get('location')).searchParams.get('code');
  const tokens = await server.token('bench', { grant_type: 'authorization_code', code, redirect_uri: redirect, ...client });
  const again = await server.token('bench', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, ...client });
  if (again.status !== 200) throw new Error(`refresh: ${JSON.stringify(again)}`);
}

const authorize = (endpoint, client) =>
  `${endpoint}/auth?${new URLSearchParams({ client_id: client.client_id, response_type: 'code', scope: 'openid', redirect_uri: redirect, state: 'state', nonce: 'nonce' })}`;

/** How soon the first byte of the page comes, and how much it weighs with everything that it loads. */
async function page(server, client) {
  const url = authorize(`${server.realm('bench')}/protocol/openid-connect`, client);
  const times = [];
  for (let number = 0; number < 60; number++) {
    const before = performance.now();
    const response = await fetch(url);
    times.push(performance.now() - before);
    await response.arrayBuffer();
  }
  atMost('login page, first byte', times.sort((a, b) => a - b)[30], 'ms', 5);

  const html = await (await fetch(url)).text();
  const parts = [...new Set([...html.matchAll(/<(?:link|script|img)[^>]*?(?:href|src)="([^"]+)"/g)].map(found => new URL(found[1].replaceAll('&amp;', '&'), url).href))];
  if (parts.some(part => new URL(part).host !== new URL(url).host)) throw new Error(`the page loads from elsewhere: ${parts}`);
  atMost('login page with what it loads', [url, ...parts].reduce((sum, part) => sum + transferred(part), 0) / 1024, 'KB', 60);
}

const transferred = url => Number(execFileSync('curl', ['-sS', '--compressed', '-o', '/dev/null', '-w', '%{size_download}', url]));

/** client_credentials while sign-ins fill the line of passwords to be hashed. */
async function flood(server, client) {
  const url = `${server.realm('bench')}/protocol/openid-connect/token`;
  const ask = () => rate(url, { script: 'post', env: { BODY: String(new URLSearchParams({ grant_type: 'client_credentials', ...client })) }, connections: 2, seconds: 4 });
  const idle = await ask();
  let flooding = true;
  const people = Array.from({ length: 32 }, async () => {
    while (flooding) await server.token('bench', { grant_type: 'password', ...client, username: 'alice', password: 'alice' });
  });
  const busy = await ask();
  flooding = false;
  await Promise.all(people);
  atMost(`client_credentials p99 under a flood of sign-ins (idle: ${idle.p99.toFixed(1)} ms)`, busy.p99 / idle.p99, '× idle', 3);
}

