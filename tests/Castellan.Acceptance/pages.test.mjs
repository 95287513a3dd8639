// Every page of a sign-in and what people do on it, in a browser: at a desk in English and light, on a phone in German and dark,
// and where it must work without script. What each page is held to beside its own words stands in lib/browser.mjs.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { mailSink } from '../parity/lib/mail-sink.mjs';
import { totp } from '../parity/lib/totp.mjs';
import { Person, authenticator, launch, looks } from './lib/browser.mjs';
import { Castellan } from './lib/castellan.mjs';
import { application, otpSecret, password, people } from './lib/people.mjs';

let server, browser, app, mail;
before(async () => {
  [server, browser, app, mail] = await Promise.all([Castellan.start(), launch(), application(), mailSink()]);
});
after(async () => {
  await browser?.close();
  app?.stop();
  await mail?.stop();
  await server?.stop();
});

const address = (realm, query) => `${server.realm(realm)}/protocol/openid-connect/auth?${new URLSearchParams({ client_id: 'app', redirect_uri: `${app.url}/callback`, response_type: 'code', scope: 'openid', state: 'st', ...query })}`;

/** What a person does in a realm, with whatever look. */
function visits(realm, look, options) {
  const arrive = () => Person.arrive(browser, server.base, look, options);
  const open = (person, query = {}) => person.page.goto(address(realm, query));
  const signIn = async (person, username, query = {}) => {
    await open(person, query);
    await person.submit({ username, password });
  };
  const arrived = async (person, part = 'code=') => {
    await person.page.waitForURL(url => url.href.startsWith(`${app.url}/`)).catch(async () => {
      assert.fail(`Not at the application but at ${person.page.url()}:\n${await person.page.locator('body').innerText()}`);
    });
    assert.ok(person.page.url().includes(part), person.page.url());
  };
  const linkTo = async username => {
    const found = await mail.newest(`${username}@example.org`);
    assert.ok(found, `no mail to ${username}`);
    mail.mails.length = 0;
    return found.links.find(link => link.includes('/login-actions/action-token'));
  };
  return { arrive, open, signIn, arrived, linkTo };
}

for (const [name, look] of Object.entries(looks)) describe(`pages on a ${name}, in ${look.language}`, () => {
  const realm = `people-${name}`;
  const { arrive, open, signIn, arrived, linkTo } = visits(realm, look);
  let admin, userId;
  before(async () => { ({ admin, userId } = await people(server, realm, { app: app.url, smtpServer: mail.settings })); });

  /** Whether the login page offers passkeys. */
  const passkeys = async offered => {
    const { json: settings } = await admin('GET', '');
    await admin('PUT', '', { ...settings, webAuthnPolicyPasswordlessPasskeysEnabled: offered, webAuthnPolicyPasswordlessMediation: 'conditional' });
  };

  /** A test with a person of its own, who must leave without a complaint. */
  const walk = (what, act) => test(what, async () => {
    const person = await arrive();
    try {
      await act(person, person.page);
      person.isClean();
    } finally {
      await person.context.close();
    }
  });

  walk('name and password: a wrong one, the right one, single sign-on, sign-out', async (person, page) => {
    await open(person);
    await person.sees('login');
    assert.ok(await page.locator('#username').evaluate(input => input === document.activeElement));
    await person.submit({ username: 'alice', password: 'wrong' });
    await person.sees('login', 'login with a wrong password');
    assert.equal(await page.locator('#username').inputValue(), 'alice');
    assert.equal(await page.locator('#input-error-username').count(), 1);

    await page.locator('#password').fill(password);
    await page.locator('#password-show-password').click();
    assert.equal(await page.locator('#password').getAttribute('type'), 'text');
    await page.locator('#rememberMe').check();
    await page.locator('#kc-login').click();
    await arrived(person);
    const [identity] = (await person.context.cookies()).filter(cookie => cookie.name === 'KEYCLOAK_IDENTITY');
    assert.ok(identity.httpOnly && identity.expires > 0, 'remembered');

    await open(person);
    await arrived(person);
    await open(person, { prompt: 'login' });
    await person.sees('login', 'login again');
    await page.goto(`${server.realm(realm)}/protocol/openid-connect/logout`);
    await person.sees('logout-confirm');
    await page.locator('#kc-logout').click();
    await person.sees('info', 'signed out');
    await open(person);
    await person.sees('login', 'login after signing out');
  });

  walk('the keyboard alone is enough', async (person, page) => {
    await open(person);
    await page.keyboard.type('alice');
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await arrived(person);
  });

  walk('the language is chosen on the page and kept', async (person, page) => {
    const other = look.language === 'de' ? 'en' : 'de';
    await open(person);
    await page.locator('#login-select-toggle').selectOption({ label: { de: 'Deutsch', en: 'English' }[other] });
    await page.locator(`html[lang=${other}]`).waitFor();
    await person.submit({ username: 'alice', password: 'wrong' });
    assert.equal(await page.locator('html').getAttribute('lang'), other);
  });

  walk('registration: with errors, then right', async (person, page) => {
    await open(person);
    await page.locator('#kc-registration a').click();
    await person.sees('register');
    assert.equal(await page.locator('input[type=hidden]#locale').getAttribute('value'), look.language);
    await person.submit({ email: 'nonsense', password: 'a', 'password-confirm': 'b' });
    await person.sees('register', 'register with errors');
    await person.submit({ username: 'newcomer', email: 'newcomer@example.org', firstName: 'New', lastName: 'Comer', password, 'password-confirm': password });
    await arrived(person);
  });

  walk('a forgotten password comes by mail', async (person, page) => {
    await open(person);
    await page.locator('a[href*="reset-credentials"]').click();
    await person.sees('login-reset-password');
    await person.submit({ username: '' });
    await person.sees('login-reset-password', 'forgotten password without a name');
    await person.submit({ username: 'mila' });
    await person.sees('login', 'a mail is under way');
    assert.equal(await page.locator('.pf-m-success').count(), 1);
    await page.goto(await linkTo('mila'));
    await person.sees('login-update-password');
    await person.submit({ 'password-new': `${password}2`, 'password-confirm': 'other' });
    await person.sees('login-update-password', 'update password with an error');
    await person.submit({ 'password-new': `${password}2`, 'password-confirm': `${password}2` });
    await arrived(person);
  });

  walk('an address is verified by mail', async (person, page) => {
    await signIn(person, 'vera');
    await person.sees('login-verify-email');
    await page.locator('#kc-info a').click();
    await person.sees('login-verify-email', 'another mail too soon');
    const link = await linkTo('vera');
    const elsewhere = await arrive();
    await elsewhere.page.goto(link);
    await elsewhere.sees('info', 'verify on another device');
    await elsewhere.page.locator('a.primary').click();
    await elsewhere.sees('info', 'verified on another device');
    await elsewhere.leave();
    // What waited here is over with it, as Keycloak has it; the person begins anew.
    await signIn(person, 'vera');
    await arrived(person);
  });

  walk('what an administrator asks for comes by mail', async (person, page) => {
    await admin('PUT', `/users/${await userId('exec')}/execute-actions-email`, ['UPDATE_PASSWORD', 'UPDATE_PROFILE']);
    await page.goto(await linkTo('exec'));
    await person.sees('info', 'asked by an administrator');
    await page.locator('a.primary').click();
    await person.sees('login-update-profile', 'update profile by mail');
    await person.submit();
    await person.sees('login-update-password', 'update password by mail');
    await person.submit({ 'password-new': `${password}2`, 'password-confirm': `${password}2` });
    await person.sees('info', 'account updated');
  });

  walk('a new password is wanted', async person => {
    await signIn(person, 'paul');
    await person.sees('login-update-password', 'a new password is wanted');
    await person.submit({ 'password-new': `${password}2`, 'password-confirm': `${password}2` });
    await arrived(person);
  });

  walk('the profile is wanted', async person => {
    await signIn(person, 'fred');
    await person.sees('login-update-profile');
    await person.submit({ firstName: '' });
    await person.sees('login-update-profile', 'update profile with an error');
    await person.submit({ firstName: 'Frederic' });
    await arrived(person);
  });

  walk('a one-time code is set up, by picture and by hand', async (person, page) => {
    await signIn(person, 'otto');
    await person.sees('login-config-totp');
    assert.ok(await page.locator('#kc-totp-secret-qr-code').evaluate(image => image.complete && image.naturalWidth > 100));
    await page.locator('#mode-manual').click();
    await person.sees('login-config-totp', 'one-time code by hand');
    await person.submit({ totp: '000000', userLabel: 'Phone' });
    await person.sees('login-config-totp', 'one-time code that is wrong');
    await person.submit({ totp: totp(await page.locator('#totpSecret').inputValue()), userLabel: 'Phone' });
    await arrived(person);
  });

  walk('a one-time code signs in; a wrong one does not; another name after all', async (person, page) => {
    await signIn(person, 'dora');
    await person.sees('login-otp');
    await person.submit({ otp: '000000' });
    await person.sees('login-otp', 'one-time code refused');
    await page.locator('#reset-login').click();
    await person.sees('login', 'another name after all');
    await person.submit({ username: 'dora', password });
    await person.submit({ otp: totp(otpSecret) });
    await arrived(person);
  });

  walk('one of two devices is chosen', async (person, page) => {
    await signIn(person, 'twain');
    await person.sees('login-otp', 'one of two devices');
    assert.equal(await page.locator('.pf-m-selected').innerText(), 'Phone');
    await page.locator('#kc-otp-credential-1').click();
    assert.equal(await page.locator('.pf-m-selected').innerText(), 'Tablet');
    await person.submit({ otp: totp(otpSecret) });
    await arrived(person);
  });

  walk('a security key is registered, refused, and signs in', async (person, page) => {
    const key = await authenticator(page);
    await signIn(person, 'keith');
    await person.sees('webauthn-register');
    await page.locator('#authenticatorLabelText').fill('My key');
    await page.locator('#registerWebAuthn').click();
    await arrived(person);
    assert.equal((await key.credentials()).length, 1);

    await person.context.clearCookies();
    await signIn(person, 'keith');
    await person.sees('webauthn-authenticate');
    await page.locator('#error').evaluate((input, words) => { input.value = words; input.form.requestSubmit(); }, 'NotAllowedError: not today');
    await person.sees('webauthn-error');
    await page.locator('#kc-try-again').click();
    await person.sees('webauthn-authenticate', 'security key once more');
    await page.locator('#authenticateWebAuthnButton').click();
    await arrived(person);
  });

  walk('a passkey replaces the password, also out of the field for the name', async (person, page) => {
    await authenticator(page);
    await signIn(person, 'pia');
    await person.sees('webauthn-register', 'register a passkey');
    await page.locator('#registerWebAuthn').click();
    await arrived(person);

    await person.context.clearCookies();
    await open(person, { client_id: 'no-password' });
    await person.submit({ username: 'pia' });
    await person.sees('login-password', 'password or passkey');
    await page.locator('#kc-select-try-another-way-form button').click();
    await person.sees('select-authenticator', 'the ways of somebody with a passkey');
    await page.locator('.way-button').last().click();
    await person.sees('webauthn-authenticate', 'passkey instead of a password');
    await page.locator('#authenticateWebAuthnButton').click();
    await arrived(person);

    await person.context.clearCookies();
    await passkeys(true);
    try {
      await open(person);
      // The virtual authenticator answers the browser's list at once, where a person would choose from it.
      await arrived(person);
    } finally {
      await passkeys(false);
    }
  });

  walk('the login page offers passkeys beside the password', async (person, page) => {
    await passkeys(true);
    try {
      await open(person);
      await page.locator('#authenticateWebAuthnButton').waitFor();
      await person.sees('login', 'login with passkeys');
    } finally {
      await passkeys(false);
    }
  });

  walk('recovery codes are kept, and one of them signs in', async (person, page) => {
    await person.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await signIn(person, 'rita');
    await person.sees('login-recovery-authn-code-config');
    const codes = (await page.locator('[name=generatedRecoveryAuthnCodes]').inputValue()).split(',');
    await page.locator('#copyRecoveryCodes').click();
    await page.waitForFunction(first => navigator.clipboard.readText().then(text => text.replaceAll('-', '').includes(first)), codes[0]);
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#downloadRecoveryCodes').click()]);
    assert.equal(download.suggestedFilename(), 'recovery-codes.txt');
    await page.locator('.check').first().click();
    await page.locator('#saveRecoveryAuthnCodesBtn').click();
    await arrived(person);

    await person.context.clearCookies();
    await signIn(person, 'rita');
    await person.sees('login-recovery-authn-code-input');
    await person.submit({ recoveryCodeInput: 'nonsense' });
    await person.sees('login-recovery-authn-code-input', 'recovery code refused');
    await person.submit({ recoveryCodeInput: codes[0] });
    await arrived(person);
  });

  walk('there is another way', async (person, page) => {
    await signIn(person, 'nina', { kc_action: 'CONFIGURE_RECOVERY_AUTHN_CODES' });
    await person.submit({ otp: totp(otpSecret) });
    await person.sees('login-recovery-authn-code-config', 'recovery codes that the application asks for');
    await page.locator('.check').first().click();
    await page.locator('#saveRecoveryAuthnCodesBtn').click();
    await arrived(person);

    await person.context.clearCookies();
    await signIn(person, 'nina');
    await person.sees('login-otp', 'one-time code or another way');
    await page.locator('#kc-select-try-another-way-form button').click();
    await person.sees('select-authenticator');
    await page.locator('.way-button').last().click();
    await person.sees('login-recovery-authn-code-input', 'another way was chosen');
  });

  walk('the name first, then the password', async (person, page) => {
    await open(person, { client_id: 'names-first' });
    await person.sees('login-username');
    await person.submit({ username: 'nobody' });
    await person.sees('login-username', 'name that nobody has');
    await person.submit({ username: 'alice' });
    await person.sees('login-password');
    await person.submit({ password: 'wrong' });
    await person.sees('login-password', 'password that is wrong');
    assert.equal(await page.locator('#kc-attempted-username').inputValue(), 'alice');
    await person.submit({ password });
    await arrived(person);
  });

  walk('terms are declined, then accepted', async (person, page) => {
    await signIn(person, 'toni');
    await person.sees('terms');
    await page.locator('#kc-decline').click();
    await arrived(person, 'error=access_denied');
    await signIn(person, 'toni');
    await page.locator('#kc-accept').click();
    await arrived(person);
  });

  walk('consent is refused, then given, then remembered', async (person, page) => {
    await signIn(person, 'connie', { client_id: 'asker' });
    await person.sees('login-oauth-grant');
    await page.locator('#kc-cancel').click();
    await arrived(person, 'error=access_denied');
    await signIn(person, 'connie', { client_id: 'asker' });
    await page.locator('#kc-login').click();
    await arrived(person);
    await open(person, { client_id: 'asker' });
    await arrived(person);
  });

  walk('an application asks for a new address, a credential to go, an account to go', async (person, page) => {
    await signIn(person, 'gone', { kc_action: 'UPDATE_EMAIL' });
    await person.sees('update-email');
    await person.submit({ email: 'nonsense' });
    await person.sees('update-email', 'update email with an error');
    await person.submit({ email: 'gone.2@example.org' });
    await arrived(person, 'kc_action_status=success');
    await open(person, { kc_action: 'UPDATE_PASSWORD' });
    await person.sees('login-update-password', 'a new password that may wait');
    await page.locator('[name=cancel-aia]').click();
    await arrived(person, 'kc_action_status=cancelled');
    await open(person, { kc_action: 'CONFIGURE_TOTP' });
    await person.submit({ totp: totp(await page.locator('#totpSecret').inputValue()), userLabel: 'Phone' });
    await arrived(person, 'kc_action_status=success');
    const { json: credentials } = await admin('GET', `/users/${await userId('gone')}/credentials`);
    await open(person, { kc_action: `delete_credential:${credentials.find(item => item.type === 'otp').id}` });
    await person.sees('delete-credential');
    await page.locator('#kc-accept').click();
    await arrived(person, 'kc_action_status=success');
    // To go for good a sign-in must be fresh, and one of this very second is: times of sign-ins are whole seconds.
    await new Promise(resolve => setTimeout(resolve, 1100));
    await open(person, { kc_action: 'delete_account' });
    await person.sees('login', 'login before the account goes');
    await person.submit({ password });
    await person.sees('delete-account-confirm');
    await page.locator('button.primary').click();
    await person.sees('info', 'account deleted');
    assert.equal(await userId('gone'), undefined);
  });

  walk('signing out of an application in a frame', async (person, page) => {
    const out = `${server.realm(realm)}/protocol/openid-connect/logout?client_id=framed&post_logout_redirect_uri=${encodeURIComponent(`${app.url}/bye`)}`;
    await signIn(person, 'fiona', { client_id: 'framed' });
    await arrived(person);
    await page.goto(out);
    await person.sees('logout-confirm', 'sign out of an application');
    const frame = page.waitForRequest(request => request.url().startsWith(`${app.url}/out`));
    await page.locator('#kc-logout').click();
    await frame;
    await arrived(person, '/bye');

    // Once more without the script that goes on by itself.
    await page.route('**/frontchannel.js', route => route.abort());
    await signIn(person, 'fiona', { client_id: 'framed' });
    await page.goto(out);
    await page.locator('#kc-logout').click();
    await person.sees('frontchannel-logout');
    await page.locator('#continue').click();
    await arrived(person, '/bye');
    // The client's own frame is what the page is for.
    person.faults = person.faults.filter(fault => !fault.includes(` asked ${app.url}/out`));
  });

  walk('errors are pages', async (person, page) => {
    await open(person, { client_id: 'nobody' });
    await person.sees('error', 'unknown client');
    await open(person, { redirect_uri: 'https://evil.example/' });
    await person.sees('error', 'wrong redirect uri');
  });

  walk('cookies that the browser refuses', async (person, page) => {
    await open(person);
    await person.context.clearCookies();
    await person.submit({ username: 'alice', password });
    await person.sees('error', 'cookies refused');
    assert.equal(await page.locator('#backToApplication').getAttribute('href'), `${app.url}/`);
    assert.match(await page.locator('#backToApplication').innerText(), /^« /);
  });

  walk('the back button begins anew; an old page says that it is over, and leads on or back', async (person, page) => {
    await signIn(person, 'dora');
    await page.locator('#otp').waitFor();
    await page.goBack();
    await person.sees('login', 'login after going back');
    await person.submit({ username: 'dora', password });
    await page.locator('#otp').waitFor();

    const old = new URL(await page.locator('#kc-otp-login-form').getAttribute('action'));
    old.searchParams.delete('session_code');
    old.searchParams.set('execution', '00000000-0000-0000-0000-000000000000');
    await page.goto(old.href);
    await person.sees('login-page-expired');
    await page.locator('#loginContinueLink').click();
    await person.sees('login-otp', 'going on after a page that was over');
    await page.goto(old.href);
    await page.locator('#loginRestartLink').click();
    await person.sees('login', 'starting over');
  });

  walk('two tabs: the second one knows what the first did', async (person, first) => {
    await open(person);
    const second = await person.context.newPage();
    await second.goto(address(realm, { state: 'second' }));
    await person.submit({ username: 'alice', password });
    await arrived(person);
    await second.locator('#username').fill('alice');
    await second.locator('#password').fill(password);
    await second.locator('#kc-login').click();
    await second.waitForURL(url => url.href.startsWith(`${app.url}/`));
    assert.match(second.url(), /state=second/);
    await first.bringToFront();
  });

  walk('an answer by form post', async (person, page) => {
    const posted = page.waitForRequest(request => request.method() === 'POST' && request.url().startsWith(`${app.url}/callback`));
    await signIn(person, 'alice', { response_mode: 'form_post' });
    assert.match((await posted).postData(), /code=/);
  });
});

describe('pages without script', () => {
  const realm = 'people-scriptless';
  const { arrive, open, signIn, arrived, linkTo } = visits(realm, looks.desk, { javaScriptEnabled: false });
  before(() => people(server, realm, { app: app.url, smtpServer: mail.settings }));

  const walk = (what, act) => test(what, async () => {
    const person = await arrive();
    try {
      await act(person, person.page);
      person.isClean();
    } finally {
      await person.context.close();
    }
  });

  walk('name and password, single sign-on, sign-out', async (person, page) => {
    await open(person);
    await person.sees('login');
    assert.equal(await page.locator('#password-show-password').isVisible(), false);
    await person.submit({ username: 'alice', password: 'wrong' });
    await person.sees('login');
    await person.submit({ username: 'alice', password });
    await arrived(person);
    await page.goto(`${server.realm(realm)}/protocol/openid-connect/logout`);
    await page.locator('#kc-logout').click();
    await person.sees('info');
  });

  walk('the language', async (person, page) => {
    await open(person);
    await page.locator('#kc-locale summary').click();
    await page.locator('#kc-locale a[lang=de]').click();
    await page.locator('html[lang=de]').waitFor();
  });

  walk('registration', async (person, page) => {
    await open(person);
    await page.locator('#kc-registration a').click();
    await person.submit({ username: 'newcomer', email: 'newcomer@example.org', firstName: 'New', lastName: 'Comer', password, 'password-confirm': password });
    await arrived(person);
  });

  walk('a forgotten password', async (person, page) => {
    await open(person);
    await page.locator('a[href*="reset-credentials"]').click();
    await person.submit({ username: 'mila' });
    await page.goto(await linkTo('mila'));
    await person.submit({ 'password-new': `${password}2`, 'password-confirm': `${password}2` });
    await arrived(person);
  });

  for (const [what, username, act] of [
    ['a new password', 'paul', person => person.submit({ 'password-new': `${password}2`, 'password-confirm': `${password}2` })],
    ['the profile', 'fred', person => person.submit({ firstName: 'Frederic' })],
    ['a one-time code, set up', 'otto', async person => person.submit({ totp: totp(await person.page.locator('#totpSecret').inputValue()), userLabel: 'Phone' })],
    ['a one-time code', 'dora', person => person.submit({ otp: totp(otpSecret) })],
    ['a one-time code of the second device', 'twain', async person => {
      await person.page.locator('.tile').nth(1).click();
      await person.submit({ otp: totp(otpSecret) });
    }],
    ['terms', 'toni', person => person.page.locator('#kc-accept').click()],
    ['recovery codes', 'rita', async person => {
      assert.equal(await person.page.locator('#printRecoveryCodes').isVisible(), false);
      await person.page.locator('.check').first().click();
      await person.page.locator('#saveRecoveryAuthnCodesBtn').click();
    }],
  ]) walk(what, async person => {
    await signIn(person, username);
    await act(person);
    await arrived(person);
  });

  walk('a passkey says what it needs', async (person, page) => {
    await signIn(person, 'keith');
    await person.sees('webauthn-register');
    assert.ok(await page.locator('.pf-m-warning').isVisible());
  });

  walk('consent', async (person, page) => {
    await signIn(person, 'connie', { client_id: 'asker' });
    await page.locator('#kc-login').click();
    await arrived(person);
  });

  walk('an answer by form post is sent by hand', async (person, page) => {
    await signIn(person, 'alice', { response_mode: 'form_post' });
    await page.locator('button[name=continue]').click();
    await person.page.waitForURL(`${app.url}/callback`);
  });
});

describe('pages of a realm that looks like its owner', () => {
  const files = {
    'theme.css': ':root { --accent: #0b6b4f; --accent-hover: #08503b; --radius: 4px; }\n@media (prefers-color-scheme: dark) { :root { --accent: #7fd8b6; --accent-hover: #a5e6cd; } }\n',
    'logo.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="40"><rect width="160" height="40" rx="8" fill="#0b6b4f"/></svg>',
    'messages/messages_en.json': JSON.stringify({ loginAccountTitle: 'Welcome back', footer: 'Juniper & Sons, since 1902' }),
    'messages/messages_de.json': JSON.stringify({ loginAccountTitle: 'Willkommen zurück' }),
  };
  before(async () => {
    const folder = join(server.data, 'themes/juniper/login');
    await mkdir(join(folder, 'messages'), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const made = await server.admin('POST', '', {
      realm: 'themed', displayName: 'Juniper', displayNameHtml: '<b>Juniper</b> &amp; Sons<script>alert(1)</script>', enabled: true, loginTheme: 'juniper', registrationAllowed: true,
      internationalizationEnabled: true, supportedLocales: ['en', 'de'], defaultLocale: 'en',
      localizationTexts: { en: { doRegister: 'Join us' } }, clients: [{ clientId: 'app', publicClient: true, redirectUris: [`${app.url}/*`] }],
    });
    assert.equal(made.status, 201, await made.text());
  });

  for (const [name, look] of Object.entries(looks)) test(`colours, logo, words and footer on a ${name}`, async () => {
    const person = await Person.arrive(browser, server.base, look);
    const { page } = person;
    await page.goto(address('themed'));
    await person.sees('login', 'login with a theme');
    assert.equal(await page.locator('#kc-login').evaluate(button => getComputedStyle(button).backgroundColor), look.colorScheme === 'dark' ? 'rgb(127, 216, 182)' : 'rgb(11, 107, 79)');
    assert.ok(await page.locator('img.logo').evaluate(image => image.complete && image.naturalWidth === 160));
    assert.equal(await page.locator('h1').innerText(), look.language === 'de' ? 'Willkommen zurück' : 'Welcome back');
    if (look.language === 'en') {
      assert.equal(await page.locator('#kc-registration a').innerText(), 'Join us');
      assert.equal(await page.locator('#kc-footer').innerText(), 'Juniper & Sons, since 1902');
    }
    await person.leave();
  });

  test('a formatted name, and our own where a realm file names the product', async () => {
    const person = await Person.arrive(browser, server.base);
    const plain = await server.admin('PUT', '/themed', { ...await (await server.admin('GET', '/themed')).json(), loginTheme: '' });
    assert.equal(plain.status, 204, await plain.text());
    await person.page.goto(address('themed'));
    await person.sees('login', 'login with a formatted name');
    assert.equal(await person.page.locator('#kc-header-wrapper').innerText(), 'Juniper & Sons');
    assert.equal(await person.page.locator('#kc-header-wrapper b').innerText(), 'Juniper');
    assert.match(await person.page.title(), /Juniper$/);
    await person.page.goto(`${server.realm('master')}/protocol/openid-connect/auth?client_id=nobody`);
    assert.equal(await person.page.locator('#kc-header-wrapper').innerText(), 'Castellan');
    await person.leave();
  });
});

describe('pages of a realm with a long name, many providers, and a language that is written from right to left', () => {
  const realm = 'Landeshauptstadt Schwäbisch-Überlingen, Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH & Co. KG';
  before(async () => {
    const made = await server.admin('POST', '', {
      realm: 'long', displayName: realm, enabled: true, registrationAllowed: true, resetPasswordAllowed: true, rememberMe: true,
      internationalizationEnabled: true, supportedLocales: ['ar', 'en', 'pt-BR'], defaultLocale: 'en',
      clients: [{ clientId: 'app', publicClient: true, redirectUris: [`${app.url}/*`] }],
      identityProviders: ['One', 'The second of the providers, whose name takes more than a line', 'Dreihundertfünfundsechzigtagekundenkontoanmeldung', 'Four', 'Five'].map((displayName, index) => ({
        alias: `provider-${index}`, displayName, providerId: 'oidc', enabled: true, config: { clientId: 'c', clientSecret: 's', authorizationUrl: `${app.url}/up`, tokenUrl: `${app.url}/token` },
      })),
    });
    assert.equal(made.status, 201, await made.text());
  });

  for (const language of ['ar', 'en']) for (const [name, look] of Object.entries(looks)) test(`all of it fits, on a ${name}, in ${language}`, async () => {
    const person = await Person.arrive(browser, server.base, { ...look, language });
    const { page } = person;
    await page.goto(address('long'));
    await person.sees('login', 'login with a long name');
    assert.equal(await page.locator('html').getAttribute('dir'), language === 'ar' ? 'rtl' : 'ltr');
    assert.equal(await page.locator('[id^="social-"]').count(), 5);
    await person.submit({ username: 'nobody', password: 'wrong' });
    await person.sees('login', 'long name and an error');
    await page.locator('#kc-registration a').click();
    await person.sees('register', 'register with a long name');

    // As large as somebody needs it who sees little: what stands in the header is still whole words.
    await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
    const { header, width } = await page.evaluate(() => ({ header: document.querySelector('#kc-header-wrapper > div').getBoundingClientRect().width, width: document.documentElement.scrollWidth }));
    assert.ok(header > 150, `the name has ${header} pixels`);
    assert.ok(width <= look.viewport.width, `${width} pixels wide`);
    await person.leave();
  });
});
