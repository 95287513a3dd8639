// A person at a browser without scripts: follows redirects of the server, fills in its forms, stops where an application would get its answer.

import assert from 'node:assert/strict';
import { parameters } from './wire.mjs';

export class Browser {
  jar = new Map();
  /** The forms that were seen, by their ids: what the person had to do. */
  asked = [];

  constructor(wire, origin) { [this.wire, this.origin] = [wire, origin]; }

  /** Opens an address (or posts a form to it) and follows the server's redirects; gives the page, or what the application got. */
  async open(url, form) {
    let answer = await this.wire.send(url, { form, jar: this.jar });
    for (let hops = 0; answer.location && hops < 8; hops++) {
      const next = new URL(answer.location, answer.url);
      if (next.origin !== this.origin) return this.#arrived(next, next.hash ? 'fragment' : 'query', next.hash ? next.hash.slice(1) : next.search);
      answer = await this.wire.send(next.href, { jar: this.jar });
    }
    const posts = formOf(answer.text);
    if (posts && new URL(posts.action, answer.url).origin !== this.origin) return this.#arrived(new URL(posts.action), 'form', parameters(posts.hidden));
    this.page = answer;
    return { page: answer.text, status: answer.status };
  }

  #arrived(url, at, given) {
    const [bare] = url.href.split('#');
    return { at, uri: at === 'query' ? bare.split('?')[0] : bare, values: Object.fromEntries(new URLSearchParams(given)) };
  }

  /** Sends the form of the page in front of the person. */
  submit(fields) {
    const form = formOf(this.page.text);
    assert.ok(form, `a page with a form: ${words(this.page.text)}`);
    this.asked.push(form.id);
    return this.open(new URL(form.action, this.page.url).href, { ...form.hidden, ...fields });
  }

  /** Opens an authorization request and does what the pages ask for: name, password, consent. */
  async authorize(url, { form, username = 'alice', password = 'wonderland', consent = 'accept' } = {}) {
    this.asked = [];
    let answer = await this.open(url, form);
    for (let pages = 0; answer.page && formOf(answer.page)?.id && pages < 4; pages++) {
      const { id } = formOf(answer.page);
      answer = await this.submit(id === 'kc-form-login' ? { username, password } : { [consent]: 'x' });
    }
    return answer;
  }
}

const unescape = text => text.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCharCode(parseInt(code, 16))).replaceAll('&amp;', '&');
const attribute = (tag, name) => unescape(new RegExp(`\\s${name}\\s*=\\s*"([^"]*)"`, 'i').exec(tag)?.[1] ?? '');

/** The first form of a page: where it goes, its id, its hidden fields. */
export function formOf(html) {
  const form = /<form\b[\s\S]*?<\/form>/i.exec(html)?.[0];
  if (!form) return undefined;
  const hidden = [...form.matchAll(/<input\b[^>]*>/gi)].map(([tag]) => tag).filter(tag => /hidden/i.test(attribute(tag, 'type')));
  return { action: attribute(form, 'action'), id: attribute(form, 'id') || (/name="accept"/.test(form) ? 'consent' : ''), hidden: Object.fromEntries(hidden.map(tag => [attribute(tag, 'name'), attribute(tag, 'value')])) };
}

/** What a page says, without its markup. */
export const words = html => unescape(html.replace(/<(script|style|head)[\s\S]*?<\/\1>/gi, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim());
