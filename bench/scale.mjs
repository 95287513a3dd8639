// Administration with volume: a thousand realms, one of them with a million users, ten thousand groups and ten thousand roles.
//   BENCH_USERS=N takes fewer users, and writes no results. The files that are imported lie in a temporary folder (0.8 GB for a million).
// A processor time is that of the server; with PostgreSQL the database's own comes on top of it and is in the latencies alone.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { execFileSync, spawn } from 'node:child_process';
import { Castellan, binary } from '../tests/Castellan.Acceptance/lib/castellan.mjs';
import { cpuSeconds, serverCore } from './lib/load.mjs';
import { bigRealm, keyProvider, manyRealms, volume, write } from './lib/realms.mjs';
import { atLeast, atMost, machine, since, table } from './lib/table.mjs';

const million = 1_000_000;
const users = Number(process.env.BENCH_USERS ?? million);
const { realms, clients, groups, roles } = volume;

/** What must be reached. */
const bounds = {
  import: 8_000, // users a second, of a file with 100,000
  user: 3, realm: 30, // ms of processor time to create one, beside hashes and RSA keys
  answer: 20, infix: 150, // ms, p99
  memory: 200, // MB after each realm was used once
  start: 1.2, // × the processor time that a start takes without the realms
};

/** The middle of so many runs counts, so that a neighbour on the machine does not. */
const runs = { import: 3, start: 5, answer: 5 };
const asked = 100;

/** @param database makes an empty database and gives the options of the command line that choose it; none for the embedded one */
export async function scale(folder, engine, database) {
  const first = since();
  await importing(folder, engine, database);
  const made = await database?.();
  const server = await Castellan.start({ pin: serverCore, options: made?.options ?? [] });
  try {
    const alone = await starts(server);
    await server.program.stop();
    await filling(server, folder);
    await server.begin();
    const admin = await administrator(server);
    await asking(server, admin, engine);
    await creating(server, admin, engine);
    const full = await starts(server, 'realm-5');
    const master = await starts(server);
    await using(server, engine);
    console.log(`       the first answer of the master realm, which has ${figure(realms * 19)} roles by then, comes ${ms(master.wall)} after the start (${ms(master.cpu)} of the processor)`);
    atMost(`${engine}: start with ${figure(realms)} realms (${ms(full.cpu)} of the processor, ${ms(full.wall)} until it answers)`, full.cpu / alone.cpu, '× without', bounds.start);
  } finally {
    await server.stop();
    await made?.drop();
  }
  if (users >= million) await keep(engine, table(first));
}

const figure = value => value.toLocaleString('en');
const ms = seconds => `${Math.round(seconds * 1000)} ms`;
const middle = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * A file of users with hashed passwords, by the command, into an empty database each time. Root goes before its neighbours on the machine: what is asked
 * is how fast it is, not how busy the others are. A PostgreSQL server stays where it is.
 */
async function importing(folder, engine, database) {
  const count = Math.min(100_000, users);
  const first = process.getuid() === 0 ? ['chrt', '-r', '1'] : [];
  await write(join(folder, 'some.json'), bigRealm(count));
  const [rates, cpu] = [[], []];
  for (let run = 0; run < runs.import; run++) {
    const made = await database?.();
    const data = join(folder, 'data');
    const before = performance.now();
    cpu.push(await execute([...first, binary, 'import', '--file', join(folder, 'some.json'), `--data-dir=${data}`, ...made?.options ?? []]));
    rates.push(count / (performance.now() - before) * 1000);
    await rm(data, { recursive: true, force: true });
    await made?.drop();
  }
  atLeast(`${engine}: import of ${figure(count)} users (${middle(cpu).toFixed(1)} s of the processor; load ${loadavg()[0].toFixed(1)})`, middle(rates), 'users/s', bounds.import);
}

/** The realms that are asked about afterwards. */
async function filling(server, folder) {
  await write(join(folder, 'big.json'), bigRealm(users));
  await write(join(folder, 'many.json'), manyRealms());
  for (const file of ['big.json', 'many.json']) {
    const before = performance.now();
    await execute([binary, 'import', '--file', join(folder, file), `--data-dir=${server.data}`, ...server.options]);
    console.log(`       ${file} took ${((performance.now() - before) / 1000).toFixed(0)} s`);
    await rm(join(folder, file));
  }
}

/** Runs a command to its end; gives the processor time that it took, in seconds. */
async function execute([command, ...parameters]) {
  const child = spawn(command, parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
  let [said, cpu] = ['', 0];
  const watch = setInterval(() => {
    try {
      cpu = cpuSeconds(child.pid);
    } catch {
      // It has just ended.
    }
  }, 100);
  child.once('exit', () => clearInterval(watch));
  child.stderr.on('data', data => { said += data; });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`${parameters[0]} ended with ${status}: ${said.slice(-500)}`);
  return cpu;
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
    await work('first');
    const before = cpuSeconds(server.program.pid);
    for (let number = 0; number < count; number++) await work(number);
    return (cpuSeconds(server.program.pid) - before) / count * 1000;
  };
  atMost(`${engine}: creating a user`, await cost(300, n => admin('POST', '/big/users', { username: `new-${n}`, email: `new-${n}@example.org`, enabled: true })), 'ms CPU', bounds.user);
  const components = { 'org.keycloak.keys.KeyProvider': [keyProvider()] };
  atMost(`${engine}: creating a realm beside its RSA keys`, await cost(50, n => admin('POST', '', { realm: `new-${n}`, enabled: true, components })), 'ms CPU', bounds.realm);
}

/** Every list, search, count and detail, each time with another argument. */
async function asking(server, admin, engine) {
  const [one] = await admin('GET', '/big/users?username=user7&exact=true');
  const [group] = await admin('GET', '/big/groups?search=group-77&exact=true&max=1');
  const [client] = await admin('GET', '/realm-5/clients?clientId=app-3');
  const any = count => Math.floor(Math.random() * count);
  const questions = {
    'users, first page': () => '/big/users?first=0&max=20', 'users, some page': () => `/big/users?first=${any(1000) * 20}&max=20`,
    'users by prefix': () => `/big/users?search=user${any(users)}&max=20`, 'users by name': () => `/big/users?username=user${any(users)}&exact=true`,
    'users by e-mail': () => `/big/users?email=user${any(users)}@example.org&exact=true`, 'users by attribute': () => `/big/users?q=department:d${any(50)}&max=20`,
    'users, count': () => '/big/users/count', 'users by prefix, count': () => `/big/users/count?search=user${1000 + any(users - 1000)}`,
    'a user': () => `/big/users/${one.id}`, 'groups of a user': () => `/big/users/${one.id}/groups`,
    'roles of a user': () => `/big/users/${one.id}/role-mappings`, 'credentials of a user': () => `/big/users/${one.id}/credentials`,
    'groups, a page': () => `/big/groups?first=${any(groups - 20)}&max=20`, 'groups by name': () => `/big/groups?search=group-${any(groups)}&max=20`, 'groups, count': () => '/big/groups/count',
    'a group': () => `/big/groups/${group.id}`, 'members of a group': () => `/big/groups/${group.id}/members?max=20`,
    'roles, a page': () => `/big/roles?first=${any(roles - 20)}&max=20`, 'roles by name': () => `/big/roles?search=role-${any(roles)}&max=20`, 'a role': () => `/big/roles/role-${any(roles)}`,
    'users in a role': () => `/big/roles/role-${any(roles)}/users?max=20`,
    'clients of some realm': () => `/realm-${any(realms)}/clients?max=20`, 'clients by name': () => `/realm-${any(realms)}/clients?clientId=app-3`,
    'a client': () => `/realm-5/clients/${client.id}`, 'client scopes': () => `/realm-${any(realms)}/client-scopes`, 'a realm': () => `/realm-${any(realms)}`, 'keys': () => `/realm-${any(realms)}/keys`,
    'sessions of clients': () => '/big/client-session-stats', 'realms by name': () => '/master/ui-ext/realms/names?max=20',
  };
  const infix = { 'users by infix': () => `/big/users?search=*${1000 + any(users - 1000)}*&max=20`, 'users by infix, count': () => `/big/users/count?search=*${1000 + any(users - 1000)}*` };
  for (const [what, kinds, bound] of [['kinds of question', questions, bounds.answer], [`searches by infix over ${figure(users)} users`, infix, bounds.infix]]) {
    const answers = [];
    for (const [kind, path] of Object.entries(kinds)) answers.push({ kind, ...await slowest(server, admin, path) });
    answers.sort((a, b) => b.p99 - a.p99);
    atMost(`${engine}: slowest of ${answers.length} ${what} (${answers[0].kind}; ${answers[0].cpu.toFixed(1)} ms CPU), p99`, answers[0].p99, 'ms', bound);
    console.log(`       ${answers.slice(0, 6).map(a => `${a.kind} ${a.p99.toFixed(1)} ms (${a.cpu.toFixed(1)} ms CPU)`).join(', ')}; load ${loadavg()[0].toFixed(1)}`);
  }
}

/** The middle of some p99, and the processor time that one question takes. */
async function slowest(server, admin, path) {
  for (let number = 0; number < 20; number++) await admin('GET', path());
  const before = cpuSeconds(server.program.pid);
  const slow = [];
  for (let run = 0; run < runs.answer; run++) {
    const times = [];
    for (let number = 0; number < asked; number++) {
      const began = performance.now();
      await admin('GET', path());
      times.push(performance.now() - began);
    }
    slow.push(times.sort((a, b) => a - b)[Math.ceil(asked * 0.99) - 1]);
  }
  return { p99: middle(slow), cpu: (cpuSeconds(server.program.pid) - before) / (runs.answer * asked) * 1000 };
}

async function using(server, engine) {
  for (let number = 0; number < realms; number++) {
    const answer = await server.token(`realm-${number}`, { grant_type: 'client_credentials', client_id: 'app-0', client_secret: 'secret' });
    if (answer.status !== 200) throw new Error(`realm-${number}: ${JSON.stringify(answer)}`);
  }
  atMost(`${engine}: resident memory after ${figure(realms)} realms were each used once`, resident(server), 'MB', bounds.memory);
}

/** The middle of some starts until the first answer of a realm: on the clock, and of the processor. */
async function starts(server, realm = 'master') {
  const [wall, cpu] = [[], []];
  for (let run = 0; run < runs.start; run++) {
    await server.program.stop();
    const before = performance.now();
    await server.begin(realm);
    wall.push((performance.now() - before) / 1000);
    cpu.push(cpuSeconds(server.program.pid));
  }
  return { wall: middle(wall), cpu: middle(cpu) };
}

const resident = server => Number(execFileSync('cat', [`/proc/${server.program.pid}/status`]).toString().match(/VmRSS:\s+(\d+)/)[1]) / 1024;

/** Puts the table in its place among the results: each engine is measured by itself. */
async function keep(engine, rows) {
  const file = new URL('results-scale.md', import.meta.url);
  const sections = new Map((await readFile(file, 'utf8').catch(() => '')).split(/^## /m).slice(1).map(text => [text.split('\n')[0], text.trim()]));
  sections.set(engine, `${engine}\n\n${machine()}; load while it ran: ${loadavg().map(value => value.toFixed(1)).join(', ')} (1, 5, 15 minutes)\n\n${rows}`);
  await writeFile(file, `# Measured with volume

Made by \`./dev bench scale\` and \`./dev bench scale-postgres\`; do not edit. ${figure(realms)} realms with ${clients} clients each; one more with ${figure(million)} users,
${figure(groups)} groups and ${figure(roles)} roles. Latencies are on the clock, one request after the other, each a p99 of ${asked}, the middle one of ${runs.answer}.

${[...sections.values()].map(text => `## ${text}\n`).join('\n')}`);
}
