// Holds the native server against its targets, each beside a peer or a physical limit that is measured in the same run.
//   ./dev bench [token] [refresh] [lookup] [api] [password] [signin] [start] [scale] [scale-postgres]
// Without names: all but the last two, which take a quarter of an hour each and write results of their own.

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { database, withoutPostgres } from '../tests/Castellan.Acceptance/lib/postgres.mjs';
import { Castellan, sampleRealm } from '../tests/Castellan.Acceptance/lib/castellan.mjs';
import { openssl, rate, serverCore } from './lib/load.mjs';
import { scale } from './scale.mjs';
import { signin } from './signin.mjs';
import * as peers from './lib/peers.mjs';
import { atMost, failed, markdown, missed, ratio } from './lib/table.mjs';

const form = fields => String(new URLSearchParams(fields));
const client = { client_id: 'my-api-client', client_secret: 'my-api-secret' };
const folder = await mkdtemp(join(tmpdir(), 'bench-'));

const parts = {
  token, refresh, lookup, api, password, signin: () => signin(server, client), start, scale: () => scale(folder, 'SQLite'), 'scale-postgres': scaleOnPostgres,
};
const long = ['scale', 'scale-postgres'];
const wanted = process.argv.slice(2);
const unknown = wanted.filter(name => !parts[name]);
if (unknown.length) {
  console.error(`Unknown: ${unknown.join(', ')}. There are ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}

const server = await Castellan.start({ realms: [await benchRealm()], pin: serverCore });
const endpoint = `${server.realm('bench')}/protocol/openid-connect`;
try {
  for (const [name, part] of Object.entries(parts)) {
    if (wanted.length ? !wanted.includes(name) : long.includes(name)) continue;
    await part().catch(error => failed(name, error));
  }
} finally {
  await server.stop();
  await rm(folder, { recursive: true });
}
const version = (command, ...parameters) => execFileSync(command, parameters).toString().trim().split('\n')[0];
if (!wanted.length) await writeFile(new URL('results.md', import.meta.url),
  markdown([version('openssl', 'version').split(' ').slice(0, 2).join(' '), `.NET ${version('dotnet', '--version')}`, `node ${process.version} (load), 22 (peers)`]));
process.exitCode = missed() ? 1 : 0;

/** The sample realm with what a benchmark needs: tokens that last, rotation, a client that signs with ES256. */
async function benchRealm() {
  const realm = JSON.parse(await readFile(sampleRealm, 'utf8'));
  const [first] = realm.clients;
  const elliptic = { ...first, clientId: 'bench-es256', attributes: { 'access.token.signed.response.alg': 'ES256' } };
  const file = join(folder, 'bench.json');
  const text = JSON.stringify({
    ...realm, realm: 'bench', accessTokenLifespan: 7200, revokeRefreshToken: true, refreshTokenMaxReuse: 0, clients: [first, elliptic],
  });
  await writeFile(file, text.replaceAll('default-roles-myrealm', 'default-roles-bench'));
  return file;
}

function pidOf(running) { return (running ?? server.program).pid; }

function post(url, body, running) { return rate(url, { script: 'post', env: { BODY: body }, pid: pidOf(running) }).then(run => run.perCpuSecond); }

async function token() {
  const signatures = openssl('rsa2048').sign;
  const rs256 = await post(`${endpoint}/token`, form({ grant_type: 'client_credentials', ...client }));
  ratio('client_credentials RS256', rs256, 'openssl rsa2048', (signatures + openssl('rsa2048').sign) / 2, 0.8);
  ratio('client_credentials RS256', rs256, 'oidc-provider 9', await peers.oidcProvider('RS256', (url, peer) => post(url, peers.tokenForm, peer)), 1.5);
  ratio('client_credentials RS256', rs256, 'OpenIddict 7, SQLite', await peers.openIddictSqlite((url, peer) => post(url, peers.tokenForm, peer)), 12);

  const curve = openssl('ecdsap256').sign;
  const es256 = await post(`${endpoint}/token`, form({ grant_type: 'client_credentials', ...client, client_id: 'bench-es256' }));
  ratio('client_credentials ES256', es256, 'openssl ecdsap256', (curve + openssl('ecdsap256').sign) / 2, 0.25);
  ratio('client_credentials ES256', es256, 'oidc-provider 9', await peers.oidcProvider('ES256', (url, peer) => post(url, peers.tokenForm, peer)), 5);
  ratio('client_credentials ES256', es256, 'OpenIddict 7, storeless', await peers.openIddictStoreless('ES256', (url, peer) => post(url, peers.tokenForm, peer)), 2.5);
}

async function refresh() {
  for (const [scope, perAnswer] of [['', 1], ['openid', 2]]) {
    const file = await lines(`refresh-${perAnswer}`, (await signIns(100, scope)).map(answer => answer.refresh_token));
    // Each run takes up the tokens that it was given, so there is one run and no warm-up before it.
    const limit = openssl('rsa2048').sign / perAnswer;
    const run = await rate(`${endpoint}/token`, { script: 'refresh', env: { BODY: form({ grant_type: 'refresh_token', ...client }), TOKENS: file }, warmUp: 0, samples: 1, seconds: 8, pid: pidOf() });
    ratio(`refresh with rotation${scope && `, scope ${scope}`}`, run.perCpuSecond, `its ${perAnswer} RS256 signature${perAnswer > 1 ? 's' : ''} alone`, limit, 0.75);
  }
}

async function lookup() {
  const file = await lines('access', (await signIns(100, 'openid')).map(answer => answer.access_token));
  const verifications = openssl('rsa2048').verify;
  const userinfo = await rate(`${endpoint}/userinfo`, { script: 'tokens', env: { TOKENS: file }, pid: pidOf() });
  ratio('userinfo', userinfo.perCpuSecond, 'openssl rsa2048 verify', verifications, 20 / 58);
  const introspection = await rate(`${endpoint}/token/introspect`, { script: 'tokens', env: { TOKENS: file, BODY: `${form(client)}&token=%TOKEN%` }, pid: pidOf() });
  ratio('introspection', introspection.perCpuSecond, 'openssl rsa2048 verify', verifications, 20 / 58);

  const plain = (await peers.plainKestrel((url, peer) => rate(url, { pid: pidOf(peer) }))).perCpuSecond;
  ratio('discovery', (await rate(`${server.realm('bench')}/.well-known/openid-configuration`, { pid: pidOf() })).perCpuSecond, "Kestrel's plain answer", plain, 40 / 56);
  ratio('certs', (await rate(`${endpoint}/certs`, { pid: pidOf() })).perCpuSecond, "Kestrel's plain answer", plain, 40 / 56);
}

async function api() {
  const tokens = [];
  for (let round = 0; round < 50; round++)
    tokens.push(...await Promise.all(Array.from({ length: 20 }, () => server.token('bench', { grant_type: 'client_credentials', ...client }))));
  const env = { TOKENS: await lines('api', tokens.map(answer => answer.access_token)) };
  const ask = (url, peer) => rate(url, { script: 'tokens', env, warmUp: 5, pid: pidOf(peer) }).then(run => run.perCpuSecond);
  const ours = await peers.castellanApi(server.realm('bench'), ask);
  ratio('GET /users, 1,000 tokens', ours, 'JwtBearer', await peers.jwtBearer(server.realm('bench'), 'my-api-client', ask), 3);
  ratio('GET /users, 1,000 tokens', ours, 'Express, express-jwt', await peers.express(server.realm('bench'), ask), 8);
}

async function password() {
  const hashes = peers.argon2();
  const run = await rate(`${endpoint}/token`, { script: 'post', env: { BODY: form({ grant_type: 'password', ...client, username: 'alice', password: 'alice' }) }, seconds: 4, pid: pidOf() });
  ratio('password grant', run.perCpuSecond, 'libsodium Argon2id', (hashes + peers.argon2()) / 2, 0.9);
}

async function scaleOnPostgres() {
  if (withoutPostgres) throw new Error(withoutPostgres);
  await scale(folder, 'PostgreSQL', database);
}

async function start() {
  atMost('resident memory after this load', resident(), 'MB', 120);
  const times = [];
  for (let round = 0; round < 5; round++) {
    await server.program.stop();
    const before = performance.now();
    await server.begin('bench');
    times.push((performance.now() - before) / 1000);
  }
  atMost('start to first answered discovery', times.sort((a, b) => a - b)[2], 's', 0.25);
  await new Promise(resolve => setTimeout(resolve, 3000));
  atMost('resident memory idle after start', resident(), 'MB', 60);
}

function resident() {
  return Number(execFileSync('cat', [`/proc/${server.program.pid}/status`]).toString().match(/VmRSS:\s+(\d+)/)[1]) / 1024;
}

async function signIns(count, scope) {
  const answers = [];
  for (let number = 0; number < count; number++)
    answers.push(await server.token('bench', { grant_type: 'password', ...client, username: 'alice', password: 'alice', ...(scope && { scope }) }));
  const wrong = answers.find(answer => answer.status !== 200);
  if (wrong) throw new Error(`sign-in: ${JSON.stringify(wrong)}`);
  return answers;
}

async function lines(name, tokens) {
  const file = join(folder, name);
  await writeFile(file, tokens.join('\n') + '\n');
  return file;
}
