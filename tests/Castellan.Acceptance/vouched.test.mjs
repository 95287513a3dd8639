// Programs that prove themselves by what somebody else says of them: another realm, and a Kubernetes cluster. A client of openid-client's asks.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { SignJWT, decodeJwt, exportJWK, generateKeyPair } from 'jose';
import * as oidc from 'openid-client';
import { Castellan } from './lib/castellan.mjs';

const account = 'system:serviceaccount:shop:job';

describe('clients that somebody else vouches for', () => {
  let server, cluster, issuer, key;
  const asked = [];

  before(async () => {
    key = await generateKeyPair('RS256');
    const keys = { keys: [{ ...await exportJWK(key.publicKey), kid: 'one', use: 'sig', alg: 'RS256' }] };
    cluster = createServer((request, response) => {
      asked.push(request.url);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(request.url === '/openid/v1/jwks' ? keys : { issuer, jwks_uri: `${issuer}/openid/v1/jwks` }));
    }).listen(0, '127.0.0.1');
    await once(cluster, 'listening');
    issuer = `http://127.0.0.1:${cluster.address().port}`;

    server = await Castellan.start();
    const add = async (path, body) => {
      const made = await server.admin('POST', path, body);
      assert.equal(made.status, 201, await made.text());
    };
    await add('', { realm: 'shop', enabled: true });
    await add('', { realm: 'far', enabled: true });
    await add('/far/clients', {
      // Without roles elsewhere, so that its tokens are for the shop alone: those for several are no assertions.
      clientId: 'runner', secret: 'a-secret', serviceAccountsEnabled: true, fullScopeAllowed: false, protocolMappers: [{
        name: 'shop', protocol: 'openid-connect', protocolMapper: 'oidc-audience-mapper', config: { 'included.custom.audience': server.realm('shop'), 'access.token.claim': 'true' },
      }],
    });
    await add('/shop/identity-provider/instances', {
      alias: 'far', providerId: 'oidc', config: {
        issuer: server.realm('far'), useJwksUrl: 'true', jwksUrl: `${server.realm('far')}/protocol/openid-connect/certs`, validateSignature: 'true', supportsClientAssertions: 'true',
        clientId: 'x', clientSecret: 'x', authorizationUrl: `${server.realm('far')}/protocol/openid-connect/auth`, tokenUrl: `${server.realm('far')}/protocol/openid-connect/token`,
      },
    });
    await add('/shop/identity-provider/instances', { alias: 'cluster', providerId: 'kubernetes', config: { issuer } });
    const vouched = (clientId, by, name) => ({
      clientId, serviceAccountsEnabled: true, clientAuthenticatorType: 'federated-jwt', attributes: { 'jwt.credential.issuer': by, 'jwt.credential.sub': name },
    });
    await add('/shop/clients', vouched('of-the-realm', 'far', decodeJwt(await runner()).sub));
    await add('/shop/clients', vouched('of-the-cluster', 'cluster', account));
  });
  after(async () => {
    await server?.stop();
    cluster?.close();
  });

  /** The token by which the other realm says who its program is. */
  async function runner() {
    const answer = await server.token('far', { grant_type: 'client_credentials', client_id: 'runner', client_secret: 'a-secret' });
    assert.equal(answer.status, 200, JSON.stringify(answer));
    return answer.access_token;
  }

  const pod = (sub = account, by = key.privateKey) => new SignJWT({ 'kubernetes.io': { namespace: 'shop' } }).setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .setIssuer(issuer).setSubject(sub).setAudience([server.realm('shop')]).setIssuedAt().setExpirationTime('10m').sign(by);

  /** The client that the token is for which this assertion gets. */
  async function ask(clientId, assertion) {
    const proof = (_, __, body) => {
      body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
      body.set('client_assertion', assertion);
    };
    const config = await oidc.discovery(new URL(server.realm('shop')), clientId, undefined, proof, { execute: [oidc.allowInsecureRequests] });
    return decodeJwt((await oidc.clientCredentialsGrant(config)).access_token).azp;
  }

  const refused = description => error => {
    assert.deepEqual([error.error, error.error_description], ['invalid_client', description]);
    return true;
  };

  test('another realm does, once with each token', async () => {
    const assertion = await runner();
    assert.equal(await ask('of-the-realm', assertion), 'of-the-realm');
    await assert.rejects(ask('of-the-realm', assertion), refused('Token reuse detected'));
    assert.equal(await ask('of-the-realm', await runner()), 'of-the-realm');
  });

  test('a cluster does, for as long as its token lives', async () => {
    const assertion = await pod();
    assert.equal(await ask('of-the-cluster', assertion), 'of-the-cluster');
    assert.equal(await ask('of-the-cluster', assertion), 'of-the-cluster');
    assert.deepEqual(asked, ['/.well-known/openid-configuration', '/openid/v1/jwks']);
  });

  test('nobody is let in for somebody else', async () => {
    await assert.rejects(ask('of-the-cluster', await pod('system:serviceaccount:shop:other')), refused('Invalid client or Invalid client credentials'));
    const { privateKey } = await generateKeyPair('RS256');
    await assert.rejects(ask('of-the-cluster', await pod(account, privateKey)), refused('Invalid client or Invalid client credentials'));
  });
});
