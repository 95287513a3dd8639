// A database of its own in the PostgreSQL server that ./dev test starts.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const given = process.env.CASTELLAN_TEST_POSTGRES;
const settings = Object.fromEntries((given ?? '').split(';').filter(Boolean).map(part => part.split('=').map(text => text.trim())).map(([key, value]) => [key.toLowerCase(), value]));

/** Why a test that needs PostgreSQL is skipped, or false. */
export const withoutPostgres = given ? false : 'CASTELLAN_TEST_POSTGRES is not set';

/** Makes an empty database; gives the words of the command line that point a server at it. */
export async function database() {
  const name = `acceptance_${randomBytes(6).toString('hex')}`;
  await psql(`CREATE DATABASE ${name}`);
  return {
    name,
    options: ['--db=postgres', `--db-url=jdbc:postgresql://${settings.host}:${settings.port}/${name}`, `--db-username=${settings.username}`, `--db-password=${settings.password}`],
    drop: () => psql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

const psql = statement => promisify(execFile)('psql', ['-h', settings.host, '-p', settings.port, '-U', settings.username, '-d', settings.database, '-qc', statement],
  { env: { ...process.env, PGPASSWORD: settings.password } });
