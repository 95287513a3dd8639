// One headless Chromium for the tests, and a person in it who notices what no page may do: ask another host, break its own content
// policy, throw, grow heavy, be wider than the screen, or shut somebody out (axe-core).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const heaviest = 60 * 1024;
/** A folder for pictures of every page, for people to look at. */
const shots = process.env.CASTELLAN_SHOTS;

/** How the pages are looked at: between them both widths, both schemes, both languages. */
export const looks = {
  desk: { language: 'en', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  phone: { language: 'de', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
};

export async function launch() {
  const executablePath = await firstOf(process.env.CASTELLAN_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome');
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

async function firstOf(...paths) {
  for (const path of paths) if (path && await access(path).then(() => true, () => false)) return path;
  throw new Error('No Chromium is here: ./dev setup installs it, or CASTELLAN_CHROMIUM names one.');
}

export class Person {
  /** What a page did that no page may. */
  faults = [];

  /**
   * @param base     the server whose pages are looked at
   * @param look     one of the looks
   * @param options  further options of the browser context, such as javaScriptEnabled
   */
  static async arrive(browser, base, look = looks.desk, options = {}) {
    const person = new Person();
    Object.assign(person, { base, look, scripts: options.javaScriptEnabled !== false });
    person.context = await browser.newContext({
      locale: look.language, colorScheme: look.colorScheme, viewport: look.viewport, reducedMotion: 'reduce', ...options,
    });
    person.context.setDefaultTimeout(10_000);
    if (person.scripts) {
      await person.context.addInitScript(() => addEventListener('securitypolicyviolation', event => console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`)));
    }
    person.context.on('page', page => person.#watch(page));
    person.page = await person.context.newPage();
    return person;
  }

  #watch(page) {
    page.on('pageerror', error => this.faults.push(`${page.url()}: ${error.message}`));
    // A page that says what went wrong has a status of its own; the browser notes it.
    page.on('console', message => { if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) this.faults.push(`${page.url()}: ${message.text()}`); });
    page.on('response', response => {
      const request = response.request();
      if (response.status() >= 400 && !request.isNavigationRequest() && request.url().startsWith(this.base) && page.url().startsWith(this.base)) this.faults.push(`${page.url()}: ${response.status()} ${request.url()}`);
    });
    page.on('request', request => {
      if (request.isNavigationRequest() || request.url().startsWith('data:')) return;
      if (page.url().startsWith(this.base) && !request.url().startsWith(`${this.base}/`)) this.faults.push(`${page.url()} asked ${request.url()}`);
    });
  }

  /** The page is this one; what is wrong with it in either scheme is noted. `as` tells apart what a page looks like on different occasions. */
  async sees(id, as = id) {
    const { page } = this;
    await page.locator(`body[data-page-id="login-${id}"]`).waitFor({ state: 'attached' }).catch(async () => {
      assert.fail(`Not the page ${id}, but ${await page.locator('body').getAttribute('data-page-id')} at ${page.url()}:\n${await page.locator('body').innerText()}`);
    });
    assert.equal(await page.locator('html').getAttribute('lang'), this.look.language);
    assert.equal(await page.locator('h1').count(), 1);
    if (!this.scripts) return;
    await this.#measure(as);
    await this.#examine(as);
  }

  isClean() { assert.deepEqual(this.faults.splice(0), []); }

  async #measure(as) {
    const { weight, width } = await this.page.evaluate(() => ({
      weight: [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, entry) => sum + entry.encodedBodySize, 0),
      width: document.documentElement.scrollWidth,
    }));
    if (!(weight > 0 && weight < heaviest)) this.faults.push(`${as} weighs ${weight} bytes`);
    if (width > this.look.viewport.width) this.faults.push(`${as} is ${width} pixels wide`);
  }

  async #examine(as) {
    await this.page.evaluate(axe);
    for (const colorScheme of [this.look.colorScheme === 'dark' ? 'light' : 'dark', this.look.colorScheme]) {
      await this.page.emulateMedia({ colorScheme });
      const violations = await this.page.evaluate(async () => (await globalThis.axe.run()).violations
        .flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html} ${node.any.map(check => check.message).join(' ')}`)));
      this.faults.push(...violations.map(violation => `${as}, ${colorScheme}: ${violation}`));
      if (shots) await this.#picture(as, colorScheme);
    }
  }

  async #picture(as, colorScheme) {
    const { language, viewport: { width } } = this.look;
    await mkdir(shots, { recursive: true });
    await this.page.screenshot({ path: join(shots, `${as.replaceAll(' ', '-')}.${language}.${width}.${colorScheme}.png`), fullPage: true });
  }

  /** Fills in fields by their names. */
  async fill(fields) {
    for (const [name, value] of Object.entries(fields)) await this.page.locator(`[name="${name}"]:visible`).fill(value);
  }

  /** Fills in fields and presses the button of their form. */
  async submit(fields = {}, button = '.primary') {
    await this.fill(fields);
    await this.page.locator(button).click();
  }

  async leave() {
    this.isClean();
    await this.context.close();
  }
}

/** A virtual authenticator in the page's browser: a platform's own that knows its user, and keeps passkeys. */
export async function authenticator(page, options = {}) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...options },
  });
  return {
    credentials: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    verifies: isUserVerified => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    add: credential => session.send('WebAuthn.addCredential', { authenticatorId, credential }),
    remove: () => session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
  };
}
