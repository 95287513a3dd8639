// node oidc-provider as its documentation sets it up, in memory: node oidc-provider.mjs PORT RS256|ES256
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const [port, algorithm] = process.argv.slice(2);
const pair = algorithm === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 2048 });
const issuer = `http://localhost:${port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'bench', client_secret: 'bench-secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
    token_endpoint_auth_method: 'client_secret_post', id_token_signed_response_alg: algorithm,
  }],
  jwks: { keys: [{ ...pair.privateKey.export({ format: 'jwk' }), use: 'sig', alg: algorithm, kid: 'bench' }] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:bench',
      getResourceServerInfo: () => ({ scope: '', accessTokenFormat: 'jwt', jwt: { sign: { alg: algorithm } }, audience: 'bench' }),
    },
  },
  ttl: { ClientCredentials: 300 },
});
provider.listen(Number(port), '127.0.0.1');
