// What a plan of the OpenID Foundation's suite is held against: a server over TLS, a realm with somebody to sign in, an application that serves its own
// addresses, and certificates for all of them from one authority.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Castellan } from '../../lib/castellan.mjs';
import { freePort } from '../../lib/program.mjs';
import { Browser } from './browser.mjs';
import { Wire } from './wire.mjs';

const openssl = (...parameters) => promisify(execFile)('openssl', parameters);

export class Plan {
  /** What the application serves: a function of the request for each path. */
  serves = new Map();
  /** What arrived at the application. */
  got = [];

  /**
   * @param realm    members of the realm beside the usual ones
   * @param options  further words of the server's command line
   */
  static async start({ realm = {}, options = () => [] } = {}) {
    const plan = new Plan();
    plan.folder = await mkdtemp(join(tmpdir(), 'castellan-oidf-'));
    plan.ca = await plan.#authority();
    const own = await plan.certificate('localhost');
    await plan.#listen(own);
    const port = await freePort();
    plan.server = await Castellan.start({
      options: [`--https-port=${port}`, `--https-certificate-file=${own.files.cert}`, `--https-certificate-key-file=${own.files.key}`, '--https-client-auth=request',
        `--https-trust-store-file=${join(plan.folder, 'ca.pem')}`, `--truststore-paths=${join(plan.folder, 'ca.pem')}`, `--hostname=https://localhost:${port}`, ...options(plan)],
    });
    plan.origin = `https://localhost:${port}`;
    plan.wire = new Wire(plan.ca);
    plan.issuer = `${plan.origin}/realms/conformance`;
    await plan.admin('POST', '', {
      realm: 'conformance', enabled: true, sslRequired: 'all', passwordPolicy: 'hashAlgorithm(pbkdf2-sha256) and hashIterations(1)', ...realm,
      users: [{
        username: 'alice', enabled: true, email: 'alice@example.org', emailVerified: true, firstName: 'Alice', lastName: 'Ames', realmRoles: ['default-roles-conformance'], credentials: [{ type: 'password', value: 'wonderland' }],
        attributes: { phoneNumber: ['+44 20 7946 0000'], phoneNumberVerified: ['true'], street: ['1 High Street'], locality: ['Oxford'], postal_code: ['OX1'], country: ['UK'], locale: ['en'] },
      }],
    }, '');
    const { token } = await plan.admin('POST', '/clients-initial-access', { count: 1000, expiration: 600 });
    plan.initialAccess = token;
    plan.discovery = (await plan.wire.send(`${plan.issuer}/.well-known/openid-configuration`)).json;
    return plan;
  }

  async stop() {
    this.wire?.close();
    this.listener?.closeAllConnections();
    this.listener?.close();
    await this.server?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A request of the Admin REST API in the plan's realm that must succeed; gives the JSON. */
  async admin(method, path, body, realm = '/conformance') {
    const answer = await this.server.admin(method, realm + path, body);
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  browser() { return new Browser(this.wire, this.origin); }

  /** Serves something below the application's own address, and gives the address of it. */
  publish(path, type, body) {
    this.serves.set(path, () => [200, type, typeof body === 'string' ? body : JSON.stringify(body)]);
    return this.application + path;
  }

  /** Waits for a request to one of the application's paths. */
  async arrived(path) {
    for (let waited = 0; waited < 200; waited++) {
      const found = this.got.find(request => request.path === path);
      if (found) return found;
      await new Promise(done => setTimeout(done, 25));
    }
    return assert.fail(`nothing arrived at ${path}`);
  }

  /** A certificate of the plan's authority for a name. */
  async certificate(name) {
    const file = end => join(this.folder, `${name}.${end}`);
    await openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`, '-keyout', file('key'), '-out', file('request'));
    await writeFile(file('names'), `subjectAltName=DNS:${name}\n`);
    await openssl('x509', '-req', '-in', file('request'), '-CA', join(this.folder, 'ca.pem'), '-CAkey', join(this.folder, 'ca.key'), '-CAcreateserial', '-days', '2', '-extfile', file('names'), '-out', file('pem'));
    return { cert: await readFile(file('pem'), 'utf8'), key: await readFile(file('key'), 'utf8'), files: { cert: file('pem'), key: file('key') } };
  }

  async #authority() {
    await openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=Own authority', '-keyout', join(this.folder, 'ca.key'), '-out', join(this.folder, 'ca.pem'));
    return readFile(join(this.folder, 'ca.pem'), 'utf8');
  }

  async #listen({ cert, key }) {
    this.listener = createServer({ cert, key }, async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const { pathname, searchParams } = new URL(request.url, this.application);
      const message = { path: pathname, method: request.method, query: Object.fromEntries(searchParams), headers: request.headers, body: Buffer.concat(chunks).toString() };
      this.got.push(message);
      const [status, type, body, headers] = await this.serves.get(pathname)?.(message) ?? [404, 'text/plain', ''];
      response.writeHead(status, { 'content-type': type, ...headers }).end(body);
    }).listen(0, 'localhost');
    await once(this.listener, 'listening');
    this.application = `https://localhost:${this.listener.address().port}`;
  }
}
