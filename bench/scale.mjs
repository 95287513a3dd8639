// Administration with volume: a thousand realms, one of them with a million users, ten thousand groups and ten thousand roles.
//   BENCH_USERS=N takes fewer users. The file that is imported is made in a temporary folder (0.8 GB for a million).

import { randomBytes, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { execFileSync, spawn } from 'node:child_process';
import { Castellan, binary } from '../tests/Castellan.Acceptance/lib/castellan.mjs';
import { cpuSeconds, serverCore } from './lib/load.mjs';
import { atLeast, atMost } from './lib/table.mjs';

const users = Number(process.env.BENCH_USERS ?? 1_000_000);
const [realms, clients, groups, roles] = [1_000, 10, 10_000, 10_000];

/** @param database options of the command line that choose the database; none for the embedded one */
export async function scale(folder, engine, database = []) {
  const server = await Castellan.start({ pin: serverCore, options: database });
  try {
    await server.program.stop();
    await importing(server, folder, engine, database);
    await server.begin();
    const admin = await administrator(server);
    await creating(server, admin, engine);
    await asking(server, admin, engine);
  } finally {
    await server.stop();
  }
}

/** Users with hashed passwords, from a file, by the command. */
async function importing(server, folder, engine, database) {
  await write(join(folder, 'big.json'), bigRealm());
  const before = performance.now();
  await run([binary, 'import', '--file', join(folder, 'big.json'), `--data-dir=${server.data}`, ...database]);
  atLeast(`${engine}: import of ${users.toLocaleString('en')} users`, users / (performance.now() - before) * 1000, 'users/s', 8_000);

  await write(join(folder, 'many.json'), manyRealms());
  await run([binary, 'import', '--file', join(folder, 'many.json'), `--data-dir=${server.data}`, ...database]);
}

function* bigRealm() {
  yield `{"realm":"big","enabled":true,"roles":{"realm":[${list(roles, n => ({ name: `role-${n}` }))}]},`;
  yield `"groups":[${list(groups, n => ({ name: `group-${n}` }))}],"users":[\n`;
  for (let number = 0; number < users; number++) yield `${number ? ',\n' : ''}${JSON.stringify(user(number))}`;
  yield ']}\n';
}

const list = (count, make) => Array.from({ length: count }, (_, number) => JSON.stringify(make(number))).join(',');

const user = number => ({
  id: randomUUID(), username: `user${number}`, email: `user${number}@example.org`, emailVerified: true, firstName: `First${number % 1000}`, lastName: `Last${number}`,
  enabled: true, createdTimestamp: 1_700_000_000_000 + number, attributes: { department: [`d${number % 50}`] }, realmRoles: ['default-roles-big', `role-${number % roles}`],
  groups: [`/group-${number % groups}`],
  credentials: [{
    id: randomUUID(), type: 'password', createdDate: 1_700_000_000_000,
    secretData: JSON.stringify({ value: randomBytes(32).toString('base64'), salt: randomBytes(16).toString('base64'), additionalParameters: {} }),
    credentialData: JSON.stringify({
      hashIterations: 5, algorithm: 'argon2', additionalParameters: { hashLength: ['32'], memory: ['7168'], type: ['id'], version: ['1.3'], parallelism: ['1'] },
    }),
  }],
});

/** Each with a key of its own would take the time that a thousand RSA keys take; what is measured here is what comes after. */
function* manyRealms() {
  const provider = keyProvider();
  yield '[';
  for (let number = 0; number < realms; number++) {
    yield `${number ? ',' : ''}${JSON.stringify({
      realm: `realm-${number}`, enabled: true, components: { 'org.keycloak.keys.KeyProvider': [provider] },
      clients: Array.from({ length: clients }, (_, of) => ({ clientId: `app-${of}`, secret: 'secret', serviceAccountsEnabled: true, redirectUris: ['https://app.example.org/*'] })),
    })}\n`;
  }
  yield ']';
}

function keyProvider() {
  const key = execFileSync('openssl', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  return { name: 'rsa', providerId: 'rsa', subComponents: {}, config: { privateKey: [key], priority: ['100'], active: ['true'], enabled: ['true'] } };
}

async function write(file, parts) {
  const stream = createWriteStream(file);
  for (const part of parts) if (!stream.write(part)) await once(stream, 'drain');
  stream.end();
  await once(stream, 'finish');
}

async function run([command, ...parameters]) {
  const child = spawn(command, parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', data => { said += data; });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`${parameters[0]} ended with ${status}: ${said.slice(-500)}`);
}

/** Requests with a token that lasts. */
async function administrator(server) {
  const headers = { authorization: `Bearer ${await server.adminToken()}`, 'content-type': 'application/json' };
  await fetch(`${server.base}/admin/realms/master`, { method: 'PUT', headers, body: JSON.stringify({ accessTokenLifespan: 86_400, ssoSessionMaxLifespan: 86_400 }) });
  headers.authorization = `Bearer ${await server.adminToken()}`;
  return async (method, path, body) => {
    const response = await fetch(`${server.base}/admin/realms${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 200)}`);
    return text && JSON.parse(text);
  };
}

async function creating(server, admin, engine) {
  const cost = async (count, work) => {
    const before = cpuSeconds(server.program.pid);
    for (let number = 0; number < count; number++) await work(number);
    return (cpuSeconds(server.program.pid) - before) / count * 1000;
  };
  atMost(`${engine}: creating a user`, await cost(300, n => admin('POST', '/big/users', { username: `new-${n}`, email: `new-${n}@example.org`, enabled: true })), 'ms CPU', 3);
  const components = { 'org.keycloak.keys.KeyProvider': [keyProvider()] };
  atMost(`${engine}: creating a realm beside its RSA keys`, await cost(50, n => admin('POST', '', { realm: `new-${n}`, enabled: true, components })), 'ms CPU', 30);
}

/** Every list, search, count and detail: the slowest of a hundred, each with another argument. */
async function asking(server, admin, engine) {
  const [one] = await admin('GET', '/big/users?username=user7&exact=true');
  const [group] = await admin('GET', '/big/groups?search=group-77&exact=true&max=1');
  const [client] = await admin('GET', '/realm-5/clients?clientId=app-3');
  const any = count => Math.floor(Math.random() * count);
  const questions = {
    'users, first page': () => '/big/users?first=0&max=20', 'users, some page': () => `/big/users?first=${any(1000) * 20}&max=20`,
    'users by prefix': () => `/big/users?search=user${any(users)}&max=20`, 'users by name': () => `/big/users?username=user${any(users)}&exact=true`,
    'users by e-mail': () => `/big/users?email=user${any(users)}@example.org&exact=true`, 'users by attribute': () => `/big/users?q=department:d${any(50)}&max=20`,
    'users, count': () => '/big/users/count', 'a user': () => `/big/users/${one.id}`, 'groups of a user': () => `/big/users/${one.id}/groups`,
    'roles of a user': () => `/big/users/${one.id}/role-mappings`, 'credentials of a user': () => `/big/users/${one.id}/credentials`,
    'groups, a page': () => `/big/groups?first=${any(groups - 20)}&max=20`, 'groups by name': () => `/big/groups?search=group-${any(groups)}&max=20`, 'groups, count': () => '/big/groups/count',
    'a group': () => `/big/groups/${group.id}`, 'members of a group': () => `/big/groups/${group.id}/members?max=20`,
    'roles, a page': () => `/big/roles?first=${any(roles - 20)}&max=20`, 'roles by name': () => `/big/roles?search=role-${any(roles)}&max=20`, 'a role': () => `/big/roles/role-${any(roles)}`,
    'users in a role': () => `/big/roles/role-${any(roles)}/users?max=20`,
    'clients of some realm': () => `/realm-${any(realms)}/clients?max=20`, 'clients by name': () => `/realm-${any(realms)}/clients?clientId=app-3`,
    'a client': () => `/realm-5/clients/${client.id}`, 'client scopes': () => `/realm-${any(realms)}/client-scopes`, 'a realm': () => `/realm-${any(realms)}`, 'keys': () => `/realm-${any(realms)}/keys`,
    'sessions of clients': () => '/big/client-session-stats', 'realms by name': () => '/../ui-ext/realms/names?max=20',
  };
  const slow = [];
  for (const [what, path] of Object.entries(questions)) slow.push([what, await slowest(admin, path, 100)]);
  slow.sort((a, b) => b[1] - a[1]);
  atMost(`${engine}: slowest of ${slow.length} kinds of question (${slow[0][0]}), p99`, slow[0][1], 'ms', 20);
  console.log(`       ${slow.slice(0, 6).map(([what, ms]) => `${what} ${ms.toFixed(1)} ms`).join(', ')}`);
  atMost(`${engine}: search by infix over ${users.toLocaleString('en')} users, p99`, await slowest(admin, () => `/big/users?search=*${1000 + any(users - 1000)}*&max=20`, 100), 'ms', 150);
  for (let number = 0; number < realms; number++)
    await server.token(`realm-${number}`, { grant_type: 'client_credentials', client_id: 'app-0', client_secret: 'secret' });
  atMost(`${engine}: resident memory after ${realms.toLocaleString('en')} realms were used`, resident(server), 'MB', 200);
  await server.program.stop();
  const before = performance.now();
  await server.begin();
  atMost(`${engine}: start with ${realms.toLocaleString('en')} realms`, (performance.now() - before) / 1000, 's', 0.25);
}

async function slowest(admin, path, count) {
  const times = [];
  for (let number = 0; number < count + 20; number++) {
    const before = performance.now();
    await admin('GET', path());
    if (number >= 20) times.push(performance.now() - before);
  }
  return times.sort((a, b) => a - b)[Math.ceil(count * 0.99) - 1];
}

const resident = server => Number(execFileSync('cat', [`/proc/${server.program.pid}/status`]).toString().match(/VmRSS:\s+(\d+)/)[1]) / 1024;
