// Realm files of some size, written piece by piece.

import { randomBytes, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { execFileSync } from 'node:child_process';

export const volume = { realms: 1_000, clients: 10, groups: 10_000, roles: 10_000 };
const { realms, clients, groups, roles } = volume;

/** A realm with so many users, as it is exported: with groups, roles and hashed passwords that nobody knows. */
export function* bigRealm(count) {
  yield `{"realm":"big","enabled":true,"roles":{"realm":[${list(roles, n => ({ name: `role-${n}` }))}]},`;
  yield `"groups":[${list(groups, n => ({ name: `group-${n}` }))}],"users":[\n`;
  for (let number = 0; number < count; number++) yield `${number ? ',\n' : ''}${JSON.stringify(user(number))}`;
  yield ']}\n';
}

const list = (count, make) => Array.from({ length: count }, (_, number) => JSON.stringify(make(number))).join(',');

const user = number => ({
  id: randomUUID(), username: `user${number}`, email: `user${number}@example.org`, emailVerified: true, firstName: `First${number % 1000}`, lastName: `Last${number}`,
  enabled: true, createdTimestamp: 1_700_000_000_000 + number, attributes: { department: [`d${number % 50}`] }, realmRoles: ['default-roles-big', `role-${number % roles}`],
  groups: [`/group-${number % groups}`],
  credentials: [{
    id: randomUUID(), type: 'password', createdDate: 1_700_000_000_000,
    secretData: JSON.stringify({ value: randomBytes(32).toString('base64'), salt: randomBytes(16).toString('base64'), additionalParameters: {} }),
    credentialData: JSON.stringify({
      hashIterations: 5, algorithm: 'argon2', additionalParameters: { hashLength: ['32'], memory: ['7168'], type: ['id'], version: ['1.3'], parallelism: ['1'] },
    }),
  }],
});

/** Each with a key of its own would take the time that a thousand RSA keys take; what is measured here is what comes after. */
export function* manyRealms() {
  const provider = keyProvider();
  yield '[';
  for (let number = 0; number < realms; number++) {
    yield `${number ? ',' : ''}${JSON.stringify({
      realm: `realm-${number}`, enabled: true, components: { 'org.keycloak.keys.KeyProvider': [provider] },
      clients: Array.from({ length: clients }, (_, of) => ({ clientId: `app-${of}`, secret: 'secret', serviceAccountsEnabled: true, redirectUris: ['https://app.example.org/*'] })),
    })}\n`;
  }
  yield ']';
}

/** With a key of its own, where the time that an RSA key takes is not to be measured. */
export function keyProvider() {
  const key = execFileSync('openssl', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  return { name: 'rsa', providerId: 'rsa', subComponents: {}, config: { privateKey: [key], priority: ['100'], active: ['true'], enabled: ['true'] } };
}

export async function write(file, parts) {
  const stream = createWriteStream(file);
  for (const part of parts) if (!stream.write(part)) await once(stream, 'drain');
  stream.end();
  await once(stream, 'finish');
}
