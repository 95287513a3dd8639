// Somebody who goes through a console in a browser and notes whatever is not right: answers of 400 and above, errors of scripts, requests to
// other hosts, pages that say that something went wrong, and words that nobody translated.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder for pictures of every page, for people to look at. */
const shots = process.env.CASTELLAN_SHOTS;

/** What Keycloak's server answers likewise, and its consoles do by themselves. */
const theirs = [
  // The page of the mail server asks for the operator in the realm that is looked at, and he is of another.
  /^404 GET \/admin\/realms\/[^/]+\/users\/[0-9a-f-]{36}$/,
  /^said (Modal: Specify at least one of|Text input: Text input requires)/,
  // The dialog of a password reads the event once more after it waited.
  /^threw TypeError: Cannot read properties of null \(reading 'value'\)/,
];
/** Data that looks like the name of a text: attributes of the user profile and what they are called by. */
const names = new Set(['firstName', 'lastName', '${username}', '${email}', '${firstName}', '${lastName}']);

export class ConsoleVisitor {
  /** What was not right, each with the page on which it was seen. */
  faults = [];
  #waiting = new Set();
  #where = 'sign-in';
  #settled = Date.now();

  static async arrive(browser, base, { locale = 'en' } = {}) {
    const visitor = new ConsoleVisitor();
    Object.assign(visitor, { base, locale });
    visitor.context = await browser.newContext({ locale, viewport: { width: 1440, height: 1000 }, reducedMotion: 'reduce' });
    visitor.context.setDefaultTimeout(15_000);
    visitor.page = await visitor.context.newPage();
    visitor.#watch();
    return visitor;
  }

  #watch() {
    const { page } = this;
    const over = request => { this.#waiting.delete(request); this.#settled = Date.now(); };
    page.on('request', request => {
      if (!request.url().startsWith('data:') && !request.url().startsWith(this.base)) this.#fault(`asked ${request.url()}`);
      if (['fetch', 'xhr', 'document', 'script'].includes(request.resourceType())) this.#waiting.add(request);
    });
    page.on('requestfinished', over);
    page.on('requestfailed', over);
    page.on('response', async response => {
      if (response.status() < 400) return;
      const what = `${response.status()} ${response.request().method()} ${response.url().slice(this.base.length)}`;
      this.#fault(theirs.some(pattern => pattern.test(what)) ? what : `${what} ${(await response.text().catch(() => '')).slice(0, 160)}`);
    });
    page.on('pageerror', error => this.#fault(`threw ${error.stack ?? error.message}`));
    // The browser itself notes answers of 400 and above; they are counted already.
    page.on('console', message => { if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) this.#fault(`said ${message.text().slice(0, 400)}`); });
  }

  #fault(what) { if (!theirs.some(pattern => pattern.test(what))) this.faults.push(`${this.#where}: ${what}`); }

  /** Waits until the page has asked what it wants and shows no spinner. */
  async settle(quiet = 120) {
    const deadline = Date.now() + 15_000;
    while (Date.now() < deadline) {
      await this.page.waitForTimeout(30);
      if (this.#waiting.size || Date.now() - this.#settled < quiet) continue;
      if (await this.page.locator('.pf-v5-c-spinner:visible, .pf-v5-c-skeleton:visible').count() === 0) return;
    }
    this.#fault(`did not settle: ${[...this.#waiting].map(request => request.url().slice(this.base.length)).join(' ')}`);
  }

  /** @param path  of the console; what comes before its routes */
  async signIn(path, username, password) {
    this.console = this.base + path;
    await this.page.goto(this.console);
    await this.page.locator('#kc-form-login').waitFor();
    await this.page.locator('#username').fill(username);
    // A realm with organizations asks who it is before it asks for the password.
    if (await this.page.locator('#password').count() === 0) await this.page.locator('#kc-login').click();
    await this.page.locator('#password').fill(password);
    await this.page.locator('#kc-login').click();
    await this.#home();
    await this.settle();
  }

  /** Waits for the console: signing in, or finding that one is signed in, takes several pages. */
  async #home() {
    await this.page.waitForURL(url => url.href.startsWith(this.console.split('#')[0]) && !url.search);
    await this.page.locator('#app main').first().waitFor();
  }

  /** Opens a page of the console by its route, and looks at it. */
  async opens(route, { reload = false } = {}) {
    this.#where = route;
    this.#settled = Date.now();
    if (reload) {
      await this.page.goto('about:blank');
      await this.page.goto(this.console + route);
      await this.#home();
    } else {
      // As a link does it: the console notices a change of realm by this call alone.
      await this.page.evaluate(address => {
        history.pushState(null, '', address);
        dispatchEvent(new PopStateEvent('popstate'));
      }, this.console + route);
    }
    await this.settle();
    await this.looks(route);
  }

  /** Goes through the tabs of the page that it is on; those that have no address of their own. */
  async turns(route) {
    const tabs = this.page.locator('main [role="tab"]:visible');
    for (let at = 0; at < await tabs.count(); at++) {
      const name = `${route} ${(await tabs.nth(at).innerText()).trim()}`;
      await this.saves(name, () => tabs.nth(at).click());
    }
  }

  /** What every page must be: full, without an error, in words. */
  async looks(name = this.#where) {
    this.#where = name;
    const main = this.page.locator('main').first();
    if (await main.count() === 0) this.#fault('shows nothing');
    else {
      const text = (await main.innerText()).trim();
      if (text.length < 10) this.#fault(`shows no more than ${JSON.stringify(text)}`);
      if (/Page Not Found|Page not found|Something went wrong|permission needed/i.test(text)) this.#fault(`shows ${JSON.stringify(text.slice(0, 200))}`);
    }
    for (const alert of await this.page.locator('.pf-v5-c-alert.pf-m-danger').allInnerTexts()) this.#fault(`warns ${JSON.stringify(alert.slice(0, 300))}`);
    for (const key of await this.#keys()) this.#fault(`shows the key ${key}`);
    if (shots) {
      await mkdir(shots, { recursive: true });
      await this.page.screenshot({ path: join(shots, `${name.replace(/[0-9a-f-]{36}/g, 'id').replace(/[^\w]+/g, '-')}.${this.locale}.png`) });
    }
    // A page that failed stays so until it is loaded again, and would be counted for each that follows.
    if (this.faults.some(fault => fault.startsWith(`${name}: warns`))) await this.page.reload().then(() => this.#home()).then(() => this.settle());
  }

  /** Texts that look like the name of a text: `camelCase`, `${…}`. */
  async #keys() {
    const texts = await this.page.evaluate(() => {
      const found = new Set();
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        if (parent?.closest('script, style, code, pre, textarea, [data-testid="code"], .pf-v5-c-code-editor')) continue;
        const text = walker.currentNode.nodeValue.trim();
        if (/^[a-z]+([A-Z][a-z0-9]+)+$|^client_|ConsentText$/.test(text) || /\$\{|\{\{/.test(text)) found.add(text);
      }
      return [...found];
    });
    return texts.filter(text => !names.has(text));
  }

  /** Does something, and what follows from it must be a good message. */
  async saves(name, action) {
    this.#where = name;
    this.#settled = Date.now();
    await action(this.page);
    await this.settle();
    await this.looks(name);
  }

  isClean() { assert.deepEqual(this.faults.splice(0), []); }

  async leave() { await this.context.close(); }
}
