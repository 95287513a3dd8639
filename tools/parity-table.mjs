// One line a scenario: how many steps agree with what Keycloak answered, how many differ on purpose, and what the acceptance
// tests claim. Each scenario runs in a process of its own, so that one that hangs costs its time limit and no more.
//   node tools/parity-table.mjs URL [--seconds N] [scenario …]

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');
const suite = join(top, 'tests/parity');
const { values: { seconds }, positionals: [base, ...wanted] } = parseArgs({ allowPositionals: true, options: { seconds: { type: 'string', default: '120' } } });
if (!base) {
  console.error('usage: ./dev parity --table URL [scenario …]');
  process.exit(2);
}

const all = (await readdir(join(suite, 'scenarios'))).filter(file => file.endsWith('.mjs')).map(file => file.replace(/\.mjs$/, '')).sort();
const names = wanted.length ? all.filter(name => wanted.includes(name)) : all;
const claimed = JSON.parse(await readFile(join(top, 'tests/Castellan.Acceptance/scenarios.json'), 'utf8'));
const folder = await mkdtemp(join(tmpdir(), 'table-'));

/** The rows of one scenario, or null when it did not end. */
function play(name) {
  const report = join(folder, `${name}.json`);
  const parameters = [join(suite, 'parity.mjs'), 'compare', '--base', base, '--with', join(suite, 'recordings/keycloak'),
    '--decided', join(top, 'docs/decisions/parity.json'), '--json', report, name];
  return new Promise(resolve => execFile(process.execPath, parameters, { timeout: Number(seconds) * 1000, killSignal: 'SIGKILL', maxBuffer: 64 << 20 },
    async () => resolve(await readFile(report, 'utf8').then(text => JSON.parse(text)[name], () => null))));
}

let agreeing = 0, decided = 0, steps = 0;
console.log(`${'scenario'.padEnd(40)}agree  decided  steps      %  claimed`);
for (const name of names) {
  const rows = await play(name);
  const recorded = JSON.parse(await readFile(join(suite, 'recordings/keycloak', `${name}.json`), 'utf8')).filter(step => !step.broke).length;
  const good = rows?.filter(row => !row.differences.length).length ?? 0;
  const onPurpose = rows?.filter(row => row.differences.length && row.decided).length ?? 0;
  agreeing += good; decided += onPurpose; steps += recorded;
  console.log(`${name.padEnd(40)}${String(good).padStart(5)}${String(onPurpose).padStart(9)}${String(recorded).padStart(7)}${(100 * (good + onPurpose) / recorded).toFixed(0).padStart(7)}`
    + `  ${claimed.includes(name) ? 'yes' : ''}${rows ? '' : '  did not end'}`);
}
console.log(`${'all'.padEnd(40)}${String(agreeing).padStart(5)}${String(decided).padStart(9)}${String(steps).padStart(7)}${(100 * (agreeing + decided) / steps).toFixed(1).padStart(7)}`);
await rm(folder, { recursive: true });
