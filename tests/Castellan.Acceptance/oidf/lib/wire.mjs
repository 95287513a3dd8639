// Requests as a relying party and a browser send them: over TLS with an authority of our own, with a client certificate where one is asked for.

import { once } from 'node:events';
import { Agent, request } from 'node:https';

export class Wire {
  #agents = new Map();

  /** @param ca  the authority that the server's certificate comes from */
  constructor(ca) { this.ca = ca; }

  /**
   * One request, no redirect followed.
   * @param certificate  { cert, key } of the client
   * @param jar          a Map of cookies, read and written
   */
  async send(url, { method, headers = {}, form, json, certificate, jar } = {}) {
    const body = form ? parameters(form).toString() : json !== undefined ? JSON.stringify(json) : undefined;
    const out = request(url, {
      agent: this.#agent(certificate), method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: given({
        ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : json !== undefined ? { 'content-type': 'application/json' } : {}),
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        ...(jar?.size ? { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } : {}), ...headers,
      }),
    });
    out.end(body);
    const [answer] = await once(out, 'response');
    let text = '';
    for await (const chunk of answer.setEncoding('utf8')) text += chunk;
    for (const cookie of answer.headers['set-cookie'] ?? []) keep(jar, cookie);
    const type = answer.headers['content-type'] ?? '';
    return { url: String(url), status: answer.statusCode, headers: answer.headers, type, text, json: /json/.test(type) ? JSON.parse(text) : undefined, location: answer.headers.location };
  }

  #agent(certificate) {
    if (!this.#agents.has(certificate)) this.#agents.set(certificate, new Agent({ ca: this.ca, keepAlive: true, ...certificate }));
    return this.#agents.get(certificate);
  }

  close() { for (const agent of this.#agents.values()) agent.destroy(); }
}

const given = values => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** Parameters of a query or form; undefined leaves one out, an array repeats it. */
export function parameters(values) {
  return new URLSearchParams(Object.entries(values).filter(([, value]) => value !== undefined).flatMap(([name, value]) => [value].flat().map(one => [name, one])));
}

function keep(jar, cookie) {
  const [pair, ...attributes] = cookie.split(';').map(part => part.trim());
  const [name, ...value] = pair.split('=');
  const gone = attributes.some(attribute => /^max-age=0$/i.test(attribute) || (/^expires=/i.test(attribute) && Date.parse(attribute.slice(8)) < Date.now()));
  if (gone) jar?.delete(name);
  else jar?.set(name, value.join('='));
}
