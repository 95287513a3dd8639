// The table of targets: what was asked, what was measured, and whether it was reached.

import { readFileSync } from 'node:fs';

const rows = [];
const figure = value => value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);

/** A rate held against the rate of something else in the same run. */
export function ratio(what, measured, of, value, factor) {
  add(what, `${figure(measured)}/s`, `${of}: ${figure(value)}/s`, `${figure(measured / value)} ×`, `≥ ${figure(factor)} ×`, measured / value >= factor);
}

/** A value that may not be more than the target. */
export function atMost(what, measured, unit, target) { add(what, `${figure(measured)} ${unit}`, '', '', `≤ ${target} ${unit}`, measured <= target); }

export function failed(what, error) { add(what, error.message.split('\n')[0], '', '', '', false); }

/** A value that may not be less than the target. */
export function atLeast(what, measured, unit, target) { add(what, `${figure(measured)} ${unit}`, '', '', `≥ ${target.toLocaleString('en')} ${unit}`, measured >= target); }

function add(...row) {
  rows.push(row);
  const [what, measured, beside, quotient, target, reached] = row;
  console.log(`${reached ? 'ok    ' : 'MISSED'} ${what.padEnd(46)} ${measured.padStart(14)}   ${[quotient, beside && `of ${beside}`, target && `(${target})`].filter(Boolean).join(' ')}`);
}

export const missed = () => rows.filter(row => !row[5]).length;

/** Where the table stands now, to ask {@link table} for what came after. */
export const since = () => rows.length;

export const machine = () => readFileSync('/proc/cpuinfo', 'utf8').match(/^model name\s*: (.*)$/m)?.[1] ?? 'unknown';

export function table(from = 0) {
  return `| What | Measured | Beside | Ratio | Target | |
|---|---|---|---|---|---|
${rows.slice(from).map(([what, measured, beside, quotient, target, reached]) => `| ${what} | ${measured} | ${beside} | ${quotient} | ${target} | ${reached ? 'reached' : '**missed**'} |`).join('\n')}
`;
}

export function markdown(versions) {
  return `# Measured

Made by \`./dev bench\`; do not edit. The server has one core, wrk with 16 connections the other; samples of three seconds after a warm-up,
the middle one of three. Machines differ and are shared: rates are per second of the processor time that the server used, which a neighbour on
the core does not change, as openssl counts its own; what counts is the ratio to a peer in the same run.

${machine()}; ${versions.join('; ')}

${table()}`;
}
