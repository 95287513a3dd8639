// The Express API of samples/express-api, with today's express-jwt and as it was first written with express-jwt 6.

import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { Castellan, sampleRealm, top } from './lib/castellan.mjs';
import { Program, freePort } from './lib/program.mjs';
import { listUsers } from './lib/users-api.mjs';

describe('an Express API', () => {
  let server;
  before(async () => { server = await Castellan.start({ realms: [sampleRealm] }); });
  after(() => server?.stop());

  for (const folder of ['samples/express-api', 'samples/express-api/legacy']) describe(folder, () => {
    let api, url;
    before(async () => {
      const port = await freePort();
      url = `http://localhost:${port}/users`;
      api = new Program(process.execPath, [join(top, folder, 'server.js')], { env: { REALM_URL: server.realm('myrealm'), PORT: String(port) } });
      await api.answers(url, 401);
    });
    after(() => api?.stop());
    listUsers(() => ({ server, url }));
  });
});
