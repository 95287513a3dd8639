// What operators type and probe, as Keycloak answers it: the recordings of tests/parity/recordings/operations.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { commandLine } from '../parity/lib/commandLine.mjs';
import { differences } from '../parity/lib/compare.mjs';
import { hostnameTable } from '../parity/lib/hostnameTable.mjs';
import { surfaces } from '../parity/lib/surfaces.mjs';
import { binary, top } from './lib/castellan.mjs';
import { freePort } from './lib/program.mjs';

const run = promisify(execFile);
const json = async path => JSON.parse(await readFile(join(top, path), 'utf8'));

describe('the command line and the surfaces of the server', () => {
  let home, decided;
  before(async () => {
    decided = await json('docs/decisions/operations.json');
    // An installation as people have it: bin/kc.sh, conf/keycloak.conf.
    home = await mkdtemp(join(tmpdir(), 'castellan-home-'));
    await mkdir(join(home, 'conf'));
    await writeFile(join(home, 'conf/keycloak.conf'), '');
    await cp(dirname(binary), join(home, 'bin'), { recursive: true });
    await rename(join(home, 'bin', basename(binary)), join(home, 'bin/kc.sh'));
  });
  after(() => rm(home, { recursive: true, force: true }));

  for (const [part, play] of [['command-line', commandLine], ['hostname', hostnameTable], ['surfaces', surfaces]])
    test(`${part}: every fact is as recorded, or decided`, async () => {
      const recorded = await json(`tests/parity/recordings/operations/${part}.json`);
      const before = process.cwd();
      process.chdir(home); // an embedded database lies in the current folder
      let played;
      try {
        played = JSON.parse(JSON.stringify(await play({ command: join(home, 'bin/kc.sh'), port: await freePort(), managementPort: await freePort(), only: [] })));
      } finally {
        process.chdir(before);
      }
      const unlike = [];
      for (const [name, facts] of Object.entries(recorded))
        for (const [item, fact] of Object.entries(facts))
          if (!decided[`${part}: ${name} / ${item}`])
            for (const line of differences(fact, played[name]?.[item] ?? null)) unlike.push(`${name} / ${item}: ${line}`);
      assert.deepEqual(unlike, []);
    });

  test('nothing is decided otherwise that was not recorded', async () => {
    for (const [fact, reason] of Object.entries(decided)) {
      const [part, ...rest] = fact.split(': ');
      const [name] = rest.join(': ').split(' / ');
      const recorded = await json(`tests/parity/recordings/operations/${part}.json`);
      assert.ok(rest.join(': ').slice(name.length + 3) in (recorded[name] ?? {}), `docs/decisions/operations.json names a fact that is not there: ${fact}`);
      assert.ok(reason.length > 20, `a reason is missing: ${fact}`);
    }
  });

  test('completion knows commands, options and their values', async () => {
    const complete = async words => {
      const script = `source <("${join(home, 'bin/kc.sh')}" tools completion); COMP_WORDS=(${words.map(w => `'${w}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _kc_sh; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return (await run('bash', ['-c', script])).stdout.split('\n').filter(Boolean);
    };
    assert.deepEqual((await complete(['kc.sh', 'start-'])), ['start-dev']);
    assert.deepEqual((await complete(['kc.sh', 'bootstrap-admin', 's'])), ['service']);
    assert.ok((await complete(['kc.sh', 'start', '--db-u'])).includes('--db-username'));
    assert.ok((await complete(['kc.sh', 'export', '--'])).includes('--users-per-file'));
    assert.deepEqual((await complete(['kc.sh', 'start', '--proxy-headers', '=', 'x'])), ['xforwarded']);
  });

  test('a setting may come from a key store, and is not shown', async () => {
    const store = join(home, 'store.p12');
    await writeFile(store, Buffer.from(await readFile(join(top, 'tests/Castellan.Acceptance/fixtures/keystore.txt'), 'utf8'), 'base64'));
    const { stdout } = await run(join(home, 'bin/kc.sh'), ['--config-keystore', store, '--config-keystore-password', 'storepass', 'show-config']);
    assert.match(stdout, /kc\.db-password = {2}\*+ \(KeyStoreConfigSource\)/);
    assert.doesNotMatch(stdout, /geheim-word|storepass/);
  });
});
