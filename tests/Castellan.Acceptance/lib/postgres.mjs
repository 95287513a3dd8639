// A database of its own in the PostgreSQL server that ./dev test starts.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const given = process.env.CASTELLAN_TEST_POSTGRES;
const server = given ? new URL(given.replace(/^jdbc:/, '')) : null;

/** Why a test that needs PostgreSQL is skipped, or false. */
export const withoutPostgres = given ? false : 'CASTELLAN_TEST_POSTGRES is not set';

/** Makes an empty database; gives the words of the command line that point a server at it. */
export async function database() {
  const name = `acceptance_${randomBytes(6).toString('hex')}`;
  await psql(`CREATE DATABASE ${name}`);
  return {
    name,
    options: ['--db=postgres', `--db-url=jdbc:postgresql://${server.host}/${name}`, `--db-username=${server.username}`, `--db-password=${server.password}`],
    drop: () => psql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

const psql = statement => promisify(execFile)('psql', [server.href, '-qc', statement]);
