// The modules about pushed requests (RFC 9126) that the plans of FAPI 1.0 and FAPI 2.0 have in common.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertRefused, badObject, badReference, badRequest } from './refusals.mjs';

/**
 * @param prefix  what the plan's modules begin with
 * @param of      gives the client and another one, once they are there
 * @param signs   whether its requests are signed
 */
export function pushedRequestModules(prefix, of, { signs }) {
  const elsewhere = 'urn:ietf:params:oauth:request_uri:elsewhere';
  const opened = (client, { uri }) => ({ client_id: client.id, request_uri: uri });

  test(`${prefix}par-ensure-pkce-required`, async () => badRequest((await of()[0].push({ code_challenge: undefined, code_challenge_method: undefined })).answer));
  test(`${prefix}par-plain-pkce-rejected`, async () => badRequest((await of()[0].push({ code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' })).answer));
  test(`${prefix}par-authorization-request-containing-request_uri`, async () => (signs ? badObject : badRequest)((await of()[0].push({ request_uri: elsewhere })).answer));
  test(`${prefix}par-authorization-request-containing-request_uri-form-param`, async () => badReference((await of()[0].push({}, { form: { request_uri: elsewhere } })).answer));

  test(`${prefix}par-attempt-invalid-http-method`, async () => {
    for (const method of ['GET', 'PUT']) assert.ok([400, 405].includes((await of()[0].push({}, { method })).answer.status), method);
  });

  test(`${prefix}par-attempt-reuse-request_uri`, async () => {
    const [client] = of();
    const pushed = await client.pushed();
    assert.ok((await client.open(opened(client, pushed), pushed)).values.code);
    assertRefused(await client.open(opened(client, pushed), pushed), 'invalid_request_uri', 'invalid_request');
  });

  test(`${prefix}par-ensure-reused-request-uri-prior-to-auth-completion-succeeds`, async () => {
    const [client] = of();
    const pushed = await client.pushed();
    const browser = client.plan.browser();
    await browser.open(`${client.plan.discovery.authorization_endpoint}?${new URLSearchParams(opened(client, pushed))}`);
    await client.tokens(await client.open(opened(client, pushed), { ...pushed, browser }));
  });

  test(`${prefix}par-attempt-to-use-expired-request_uri`, async () => {
    const [client] = of();
    const { attributes } = await client.plan.admin('GET', '');
    await client.plan.admin('PUT', '', { attributes: { ...attributes, parRequestUriLifespan: '1' } });
    const pushed = await client.pushed();
    await sleep(1200);
    assertRefused(await client.open(opened(client, pushed), pushed), 'invalid_request_uri', 'invalid_request');
    await client.plan.admin('PUT', '', { attributes: { ...attributes, parRequestUriLifespan: '60' } });
  });

  test(`${prefix}par-attempt-to-use-request_uri-for-different-client`, async () => {
    const [client, other] = of();
    const pushed = await client.pushed();
    assertRefused(await other.open(opened(other, pushed), pushed), 'invalid_request', 'invalid_request_object', 'invalid_request_uri');
  });
}
