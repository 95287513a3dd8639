// The server has one core, the load generator the other; what a run gives is a rate, two latencies and how many answers were wrong.

import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

export const serverCore = 0;
export const loadCore = 1;
if (availableParallelism() < 2) throw new Error('The benchmarks want two cores: one for the server, one for the load.');

export const pinned = (core, command) => ['taskset', ['-c', String(core), ...command]];

/** Samples are short and few; the middle one counts. */
export async function rate(url, { script, env = {}, seconds = 3, samples = 3, warmUp = 3, connections = 16, pid } = {}) {
  if (warmUp) await wrk(url, script, env, warmUp, connections);
  const runs = [];
  for (let number = 0; number < samples; number++) {
    const before = pid && cpuSeconds(pid);
    const run = await wrk(url, script, env, seconds, connections);
    if (pid) run.perCpuSecond = run.perSecond * seconds / (cpuSeconds(pid) - before);
    runs.push(run);
  }
  const wrong = runs.reduce((sum, run) => sum + run.wrong, 0);
  if (wrong) throw new Error(`${wrong} answers of ${url} were no success`);
  return runs.sort((a, b) => a.perSecond - b.perSecond)[Math.floor(samples / 2)];
}

/** The processor time that a process has used so far, in seconds: what a neighbour on the same core cannot change. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function wrk(url, script, env, seconds, connections) {
  const parameters = ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '--latency'];
  if (script) parameters.push('-s', fileURLToPath(new URL(`../load/${script}.lua`, import.meta.url)));
  return new Promise((resolve, reject) => execFile(...pinned(loadCore, [...parameters, url]), { env: { ...process.env, ...env }, timeout: (seconds + 30) * 1000 }, (error, stdout, stderr) => {
    if (error) return reject(new Error(`wrk: ${stderr || error.message}`));
    const number = pattern => Number(stdout.match(pattern)?.[1] ?? 0);
    resolve({
      perSecond: number(/Requests\/sec:\s+([\d.]+)/),
      p50: latency(stdout, 50), p99: latency(stdout, 99),
      wrong: number(/Non-2xx or 3xx responses: (\d+)/) + number(/Socket errors:.*timeout (\d+)/),
    });
  }));
}

function latency(text, percentile) {
  const [, value, unit] = text.match(new RegExp(`${percentile}%\\s+([\\d.]+)(us|ms|s)`)) ?? [];
  return Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit];
}

/** Signatures and verifications a second that openssl makes on the server's core. */
export function openssl(algorithm, seconds = 3) {
  const line = execFileSync(...pinned(serverCore, ['openssl', 'speed', '-seconds', String(seconds), algorithm]), { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim().split('\n').pop();
  const [sign, verify] = line.trim().split(/\s+/).slice(-2).map(Number);
  return { sign, verify };
}
