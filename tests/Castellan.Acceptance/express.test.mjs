// The Express API of samples/express-api, with today's express-jwt and as it was first written with express-jwt 6.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { Castellan, sampleRealm, top } from './lib/castellan.mjs';
import { Program, freePort } from './lib/program.mjs';
import { listUsers } from './lib/users-api.mjs';

const require = createRequire(import.meta.url);

describe('an Express API', () => {
  let server;
  before(async () => { server = await Castellan.start({ realms: [sampleRealm] }); });
  after(() => server?.stop());

  describe('samples/express-api', () => {
    let api, url;
    before(async () => {
      const port = await freePort();
      url = `http://localhost:${port}/users`;
      api = new Program(process.execPath, [join(top, 'samples/express-api/server.js')], { env: { REALM_URL: server.realm('myrealm'), PORT: String(port) } });
      await api.answers(url, 401);
    });
    after(() => api?.stop());
    listUsers(() => ({ server, url }));
  });

  describe('as it was first written, with express-jwt 6', () => {
    let listener, url;
    before(async () => {
      const express = require('express');
      const jwt = require('express-jwt-6');
      const jwksRsa = require('jwks-rsa');
      const realm = server.realm('myrealm');
      const app = express();
      const checkJwt = jwt({
        secret: jwksRsa.expressJwtSecret({ cache: true, rateLimit: true, jwksUri: `${realm}/.well-known/openid-configuration/jwks` }),
        audience: 'my-api-client', issuer: realm, algorithms: ['RS256'],
      });
      app.get('/users', checkJwt, (request, response) => response.json([{ name: request.user.preferred_username }]));
      app.use((error, request, response, next) => response.status(error.status ?? 500).json({ error: error.code }));
      listener = app.listen(0, '127.0.0.1');
      await new Promise(resolve => listener.once('listening', resolve));
      url = `http://localhost:${listener.address().port}/users`;
    });
    after(() => listener?.close());
    listUsers(() => ({ server, url }));
  });
});
