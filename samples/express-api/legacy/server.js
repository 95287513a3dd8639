const express = require('express');
const jwt = require('express-jwt');
const jwksRsa = require('jwks-rsa');

const realm = process.env.REALM_URL ?? 'http://localhost:8080/realms/myrealm';
const port = process.env.PORT ?? 3000;

const checkJwt = jwt({
  secret: jwksRsa.expressJwtSecret({
    cache: true,
    rateLimit: true,
    jwksUri: `${realm}/.well-known/openid-configuration/jwks`,
  }),
  audience: 'my-api-client',
  issuer: realm,
  algorithms: ['RS256'],
});

const app = express();

app.get('/users', checkJwt, (request, response) => {
  response.json([{ id: 1, name: 'Alice' }, { id: 2, name: 'Bob' }]);
});

app.use((error, request, response, next) => {
  if (error.name !== 'UnauthorizedError') return next(error);
  response.status(401).set('WWW-Authenticate', 'Bearer').json({ error: error.code });
});

app.listen(port, '127.0.0.1', () => console.log(`http://localhost:${port}/users takes tokens of ${realm}`));
