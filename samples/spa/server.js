// Hands out the pages, the libraries as npm brought them, and where the realm and the API are. Any web server does as well.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const port = process.env.PORT ?? 5173;
const settings = {
  realmUrl: process.env.REALM_URL ?? 'http://localhost:8080/realms/myrealm',
  apiUrl: process.env.API_URL ?? 'http://localhost:5000',
  clientId: 'web',
};
const here = fileURLToPath(new URL('.', import.meta.url));
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8' };

createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/settings.json') return response.setHeader('content-type', 'application/json').end(JSON.stringify(settings));
  const relative = normalize(decodeURIComponent(pathname === '/' ? '/index.html' : pathname));
  const file = join(here, relative.startsWith('/node_modules/') ? '.' : 'public', relative);
  if (!types[extname(file)] || !(await stat(file).catch(() => null))?.isFile()) return response.writeHead(404).end('Not here');
  response.setHeader('content-type', types[extname(file)]);
  createReadStream(file).pipe(response);
}).listen(port, '127.0.0.1', () => console.log(`http://localhost:${port} signs in at ${settings.realmUrl} and calls ${settings.apiUrl}`));
