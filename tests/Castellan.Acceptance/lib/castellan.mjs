// The native server, as a user starts it: on free ports, with a data folder of its own that goes away with it.

import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program, freePort } from './program.mjs';

export const top = join(dirname(fileURLToPath(import.meta.url)), '../../..');
export const binary = process.env.CASTELLAN_BINARY ?? join(top, 'out/castellan');
/** The sample API, native, and the sample web application, as it is built. */
export const api = process.env.CASTELLAN_API ?? join(top, 'out/aspnet-api');
export const web = process.env.CASTELLAN_WEB ?? join(top, 'samples/web/bin/Release/net10.0/web.dll');
export const sampleRealm = join(top, 'samples/realm/myrealm.json');

export class Castellan {
  /**
   * @param realms    realm files that are imported at the start
   * @param options   further words of the command line
   * @param env       further settings
   * @param pin       the one core that it may use
   */
  static async start({ realms = [], options = [], env = {}, pin } = {}) {
    const server = new Castellan();
    server.command = pin === undefined ? [binary] : ['taskset', '-c', String(pin), binary];
    server.data = await mkdtemp(join(tmpdir(), 'castellan-'));
    await mkdir(join(server.data, 'import'));
    for (const file of realms) await cp(file, join(server.data, 'import', basename(file)));
    server.port = await freePort();
    server.managementPort = await freePort();
    server.base = `http://localhost:${server.port}`;
    server.options = [...(realms.length ? ['--import-realm'] : []), ...options];
    server.env = { KC_BOOTSTRAP_ADMIN_USERNAME: 'admin', KC_BOOTSTRAP_ADMIN_PASSWORD: 'admin', ...env };
    await server.begin();
    return server;
  }

  /** Starts the process again on the same ports and data. */
  async begin(realm = 'master') {
    const [command, ...before] = this.command;
    this.program = new Program(command, [...before, 'start-dev', `--http-port=${this.port}`, `--http-management-port=${this.managementPort}`,
      `--data-dir=${this.data}`, ...this.options], { env: this.env });
    await this.program.answers(`${this.realm(realm)}/.well-known/openid-configuration`);
  }

  realm(name) { return `${this.base}/realms/${name}`; }

  /** A token request; gives the status and the JSON. */
  async token(realm, form, headers = {}) {
    const response = await fetch(`${this.realm(realm)}/protocol/openid-connect/token`, { method: 'POST', headers, body: new URLSearchParams(form) });
    return { status: response.status, ...await response.json() };
  }

  async adminToken() {
    const { access_token: token } = await this.token('master', { grant_type: 'password', client_id: 'admin-cli', username: 'admin', password: 'admin' });
    return token;
  }

  /** A request of the Admin REST API; gives the response. */
  async admin(method, path, body) {
    return fetch(`${this.base}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.adminToken()}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  async stop() {
    const status = await this.program.stop();
    await rm(this.data, { recursive: true, force: true });
    return status;
  }
}
