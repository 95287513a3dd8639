// A realm with somebody for every page of a sign-in, and the application that they come from.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { buildFlow } from '../../parity/lib/flows.mjs';

export const password = 'Correct-horse-1';
export const otpSecret = 'a-secret-of-twenty-b';

const otp = userLabel => ({
  type: 'otp', userLabel, secretData: JSON.stringify({ value: otpSecret }),
  credentialData: JSON.stringify({ subType: 'totp', digits: 6, counter: 0, period: 30, algorithm: 'HmacSHA1' }),
});

const person = (username, more = {}) => ({
  username, email: `${username}@example.org`, emailVerified: true, firstName: username[0].toUpperCase() + username.slice(1), lastName: 'Doe', enabled: true,
  ...more, credentials: [{ type: 'password', value: password }, ...(more.credentials ?? [])],
});

/** An application: it keeps no secrets and says where one arrived. */
export async function application() {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    if (request.url.startsWith('/logo.svg')) response.setHeader('content-type', 'image/svg+xml').end('<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><circle cx="24" cy="24" r="24" fill="#c2410c"/></svg>');
    else response.end('<!doctype html><html lang="en"><title>The application</title><link rel="icon" href="data:,"><h1>Arrived</h1></html>');
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  return { url: `http://localhost:${server.address().port}`, stop: () => { server.closeAllConnections(); server.close(); } };
}

/** Makes the realm and returns what the tests need of it. */
export async function people(server, name, { app, smtpServer }) {
  const redirectUris = [`${app}/*`];
  const made = await server.admin('POST', '', {
    realm: name, displayName: 'Juniper & Sons', enabled: true, internationalizationEnabled: true, supportedLocales: ['en', 'de'], defaultLocale: 'en',
    registrationAllowed: true, resetPasswordAllowed: true, rememberMe: true, smtpServer,
    clients: [
      { clientId: 'app', name: 'The shop', publicClient: true, redirectUris, baseUrl: `${app}/`, webOrigins: ['+'] },
      { clientId: 'asker', name: 'Photo printer', publicClient: true, consentRequired: true, redirectUris, attributes: { logoUri: `${server.base}/resources/none/login/castellan/favicon.svg`, policyUri: `${app}/policy`, tosUri: `${app}/terms` } },
      { clientId: 'names-first', publicClient: true, redirectUris }, { clientId: 'no-password', publicClient: true, redirectUris },
      { clientId: 'framed', name: 'Framed', publicClient: true, redirectUris, frontchannelLogout: true, attributes: { 'frontchannel.logout.url': `${app}/out`, 'post.logout.redirect.uris': '+' } },
    ],
    users: [
      person('alice'), person('vera', { emailVerified: false, requiredActions: ['VERIFY_EMAIL'] }), person('paul', { requiredActions: ['UPDATE_PASSWORD'] }),
      person('fred', { requiredActions: ['UPDATE_PROFILE'] }), person('otto', { requiredActions: ['CONFIGURE_TOTP'] }), person('dora', { credentials: [otp('Phone')] }),
      person('twain', { credentials: [otp('Phone'), otp('Tablet')] }), person('keith', { requiredActions: ['webauthn-register'] }),
      person('pia', { requiredActions: ['webauthn-register-passwordless'] }), person('rita', { requiredActions: ['CONFIGURE_RECOVERY_AUTHN_CODES'] }),
      person('toni', { requiredActions: ['TERMS_AND_CONDITIONS'] }), person('connie'), person('fiona'), person('mila'),
      person('gone', { clientRoles: { account: ['delete-account'] } }), person('exec'), person('nina', { credentials: [otp('Phone')] }),
    ],
  });
  assert.equal(made.status, 201, await made.text());

  const admin = async (method, path, body) => {
    const response = await server.admin(method, `/${name}${path}`, body);
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return { location: response.headers.get('location'), json: text && JSON.parse(text) };
  };
  for (const alias of ['TERMS_AND_CONDITIONS', 'UPDATE_EMAIL', 'delete_account']) {
    const { json } = await admin('GET', `/authentication/required-actions/${alias}`);
    await admin('PUT', `/authentication/required-actions/${alias}`, { ...json, enabled: true });
  }
  const { json: executions } = await admin('GET', '/authentication/flows/browser/executions');
  for (const provider of ['webauthn-authenticator', 'auth-recovery-authn-code-form']) {
    await admin('PUT', '/authentication/flows/browser/executions', { ...executions.find(item => item.providerId === provider), requirement: 'ALTERNATIVE' });
  }
  const t = { adminQuiet: ({ method = 'GET', path, json }) => admin(method, path.replace(`/admin/realms/${name}`, ''), json) };
  const cookie = { provider: 'auth-cookie', requirement: 'ALTERNATIVE' };
  await buildFlow(t, name, 'names first', [cookie, { flow: 'name, then password', requirement: 'ALTERNATIVE', steps: [{ provider: 'auth-username-form' }, { provider: 'auth-password-form' }] }]);
  await buildFlow(t, name, 'no password', [cookie, { flow: 'name, then either', requirement: 'ALTERNATIVE', steps: [
    { provider: 'auth-username-form' },
    { flow: 'either', requirement: 'REQUIRED', steps: [{ provider: 'webauthn-authenticator-passwordless', requirement: 'ALTERNATIVE' }, { provider: 'auth-password-form', requirement: 'ALTERNATIVE' }] }] }]);
  const { json: flows } = await admin('GET', '/authentication/flows');
  for (const [clientId, alias] of [['names-first', 'names first'], ['no-password', 'no password']]) {
    const { json: [client] } = await admin('GET', `/clients?clientId=${clientId}`);
    await admin('PUT', `/clients/${client.id}`, { ...client, authenticationFlowBindingOverrides: { browser: flows.find(flow => flow.alias === alias).id } });
  }
  return { admin, userId: async username => (await admin('GET', `/users?username=${username}&exact=true`)).json[0]?.id };
}
