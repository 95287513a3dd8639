// People who are asked on a device of their own (OpenID CIBA), with openid-client for the application and a listener for the operator's service of devices
// and for the application that is told.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import * as oidc from 'openid-client';
import { Castellan } from './lib/castellan.mjs';

const secret = 'a-secret-of-the-till';

describe('openid-client asks somebody on their device', () => {
  let server, listener, address;
  const got = [];
  /** What the device does with a request. */
  let device = async () => {};

  before(async () => {
    listener = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const message = { path: request.url, authorization: request.headers.authorization, type: request.headers['content-type'], body: JSON.parse(Buffer.concat(chunks).toString()) };
      got.push(message);
      response.writeHead(request.url === '/device' ? 201 : 204).end();
      if (request.url === '/device') await device(message);
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    address = `http://127.0.0.1:${listener.address().port}`;
    server = await Castellan.start({
      options: [`--spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri=${address}/device`],
    });
    const client = (clientId, attributes = {}) => ({ clientId, secret, publicClient: false, redirectUris: [], attributes: { 'oidc.ciba.grant.enabled': 'true', ...attributes } });
    const made = await server.admin('POST', '', {
      realm: 'shop', enabled: true, attributes: { cibaInterval: '1', cibaExpiresIn: '30' },
      clients: [client('till'), client('bell', { 'ciba.backchannel.token.delivery.mode': 'ping', 'ciba.backchannel.client.notification.endpoint': `${address}/notify` })],
      users: [{ username: 'alice', enabled: true, email: 'alice@example.org', firstName: 'Alice', lastName: 'Ames' }],
    });
    assert.equal(made.status, 201, await made.text());
  });
  after(async () => {
    await server?.stop();
    listener?.close();
  });

  const discover = clientId => oidc.discovery(new URL(server.realm('shop')), clientId, secret, undefined, { execute: [oidc.allowInsecureRequests] });
  const decide = async (message, status) => {
    const answer = await fetch(`${server.realm('shop')}/protocol/openid-connect/ext/ciba/auth/callback`, {
      method: 'POST', headers: { authorization: message.authorization, 'content-type': 'application/json' }, body: JSON.stringify({ status }),
    });
    assert.equal(answer.status, 200, await answer.text());
  };
  const later = (message, status) => new Promise(done => setTimeout(done, 1500)).then(() => decide(message, status));

  test('it polls until the person has agreed', async () => {
    const config = await discover('till');
    let decided;
    device = async message => { decided = later(message, 'SUCCEED'); };
    const begun = await oidc.initiateBackchannelAuthentication(config, { scope: 'openid email', login_hint: 'alice', binding_message: 'W4SCT' });
    assert.deepEqual([begun.expires_in, begun.interval], [30, 1]);
    const tokens = await oidc.pollBackchannelAuthenticationGrant(config, begun);
    await decided;
    const asked = got.find(message => message.body.binding_message === 'W4SCT');
    assert.equal(asked.body.login_hint, 'alice');
    assert.equal(asked.body.is_consent_required, false);
    assert.equal(tokens.claims().email, 'alice@example.org');
    const person = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert.equal(person.preferred_username, 'alice');
    assert.ok((await oidc.refreshTokenGrant(config, tokens.refresh_token)).access_token);
    await assert.rejects(oidc.pollBackchannelAuthenticationGrant(config, begun), error => error.error === 'invalid_grant');
  });

  test('it hears that the person does not agree', async () => {
    const config = await discover('till');
    device = async message => { later(message, 'UNAUTHORIZED'); };
    const begun = await oidc.initiateBackchannelAuthentication(config, { scope: 'openid', login_hint: 'alice' });
    await assert.rejects(oidc.pollBackchannelAuthenticationGrant(config, begun), error => error.error === 'access_denied');
  });

  test('it is told when it may ask', async () => {
    const config = await discover('bell');
    device = message => decide(message, 'SUCCEED');
    const begun = await oidc.initiateBackchannelAuthentication(config, { scope: 'openid', login_hint: 'alice', client_notification_token: '8d67dc78-7faa-4d41-aabd-67707b374255' });
    for (let waited = 0; !got.some(message => message.body.auth_req_id === begun.auth_req_id) && waited < 200; waited++) await new Promise(done => setTimeout(done, 50));
    const told = got.filter(message => message.path === '/notify');
    assert.deepEqual(told.map(message => [message.authorization, message.body]), [['Bearer 8d67dc78-7faa-4d41-aabd-67707b374255', { auth_req_id: begun.auth_req_id }]]);
    const tokens = await oidc.genericGrantRequest(config, 'urn:openid:params:grant-type:ciba', { auth_req_id: begun.auth_req_id });
    assert.ok(tokens.id_token);
  });
});
