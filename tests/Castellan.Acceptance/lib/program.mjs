// A program under test: started, watched and ended. What it wrote is shown when it fails, and only then.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A port that nothing listens on now. The system gives out another one each time, so that tests can run side by side. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export class Program {
  #child;
  #output = '';

  constructor(command, parameters, { env = {}, cwd } = {}) {
    this.name = command.split('/').pop();
    this.#child = spawn(command, parameters, { cwd, env: { ...inherited(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on('data', data => { this.#output = (this.#output + data).slice(-100_000); });
    this.#child.on('error', error => { this.#output += `\n${error.message}\n`; });
    this.ended = new Promise(resolve => {
      this.#child.once('exit', (code, signal) => resolve({ code, signal }));
      this.#child.once('error', () => resolve({ code: null, signal: null }));
    });
    const end = () => this.#child.kill('SIGKILL');
    process.once('exit', end);
    void this.ended.then(() => process.off('exit', end));
  }

  get pid() { return this.#child.pid; }

  get output() { return this.#output; }

  /** Waits until the address answers with the status; a program that ends before is an error that shows what it said. */
  async answers(url, status = 200, seconds = 60) {
    let gone = false;
    void this.ended.then(() => { gone = true; });
    const deadline = Date.now() + seconds * 1000;
    while (Date.now() < deadline && !gone) {
      const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(2000) }).catch(() => null);
      await response?.body?.cancel();
      if (response?.status === status) return;
      await sleep(5);
    }
    const output = this.#output;
    await this.kill();
    throw new Error(`${this.name} ${gone ? 'ended' : `did not answer ${status}`} at ${url}:\n${output}`);
  }

  /** Asks it to end, as an operator does, and gives the status. */
  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 20_000);
    const status = await this.ended;
    clearTimeout(late);
    return status;
  }

  /** kill -9: no chance to tidy up. */
  async kill() {
    this.#child.kill('SIGKILL');
    return this.ended;
  }
}

/** Settings of the machine that would be settings of the server stay out. */
function inherited() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(KC_|KEYCLOAK_|CASTELLAN_|ASPNETCORE_|NODE_TEST_CONTEXT$)/.test(name)));
}
