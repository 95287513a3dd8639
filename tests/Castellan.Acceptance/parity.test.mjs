// The scenarios that we claim: each step answered as Keycloak answered it, or listed as decided otherwise.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Castellan, top } from './lib/castellan.mjs';

const claimed = JSON.parse(await readFile(new URL('scenarios.json', import.meta.url), 'utf8'));
const suite = join(top, 'tests/parity');

describe('agrees with Keycloak', () => {
  let server;
  before(async () => { server = await Castellan.start(); });
  after(() => server?.stop());

  for (const name of claimed) test(name, async () => {
    const report = join(server.data, `${name}.report.json`);
    const output = await run(join(suite, 'parity.mjs'), 'compare', '--base', server.base, '--with', join(suite, 'recordings/keycloak'),
      '--decided', join(top, 'docs/decisions/parity.json'), '--json', report, name);
    const rows = JSON.parse(await readFile(report, 'utf8').catch(() => assert.fail(output)))[name];
    await rm(report);
    assert.ok(rows?.length > 0, `no such scenario: ${output}`);
    const unlike = rows.filter(row => row.differences.length && !row.decided);
    assert.equal(unlike.length, 0, `${unlike.length} of ${rows.length} steps differ:\n${output}`);
  });

  test('nothing is decided otherwise that no scenario asks', async () => {
    const decided = JSON.parse(await readFile(join(top, 'docs/decisions/parity.json'), 'utf8'));
    for (const [step, reason] of Object.entries(decided)) {
      const [scenario, ...rest] = step.split(': ');
      const recorded = JSON.parse(await readFile(join(suite, 'recordings/keycloak', `${scenario}.json`), 'utf8'));
      assert.ok(recorded.some(row => row.name === rest.join(': ')), `docs/decisions/parity.json names a step that is not there: ${step}`);
      assert.ok(reason.length > 20, `a reason is missing: ${step}`);
    }
  });
});

function run(program, ...parameters) {
  return new Promise(resolve => execFile(process.execPath, [program, ...parameters], { timeout: 300_000, killSignal: 'SIGKILL', maxBuffer: 64 << 20 },
    (_, stdout, stderr) => resolve(stdout + stderr)));
}
