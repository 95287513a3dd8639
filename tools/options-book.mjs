// Writes docs/book/configuration.md from the table of options that the program itself reads, or says that it is out of date (--check).

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(top, 'docs/book/configuration.md');
const options = readFileSync(join(top, 'src/Castellan/CommandLine/options.tsv'), 'utf8').split('\n').filter(line => line && !line.startsWith('#'))
  .map(line => { const [group, name, values, fallback, phase, handling, when] = line.split('\t'); return { group, name, values, fallback, phase, handling, when }; });

const variable = name => `KC_${name.replaceAll('--', '__').replaceAll('-', '_').toUpperCase()}`;
const cell = text => text.replaceAll('|', '\\|');
const code = text => (text ? `\`${cell(text)}\`` : '');
const row = option => `| \`--${cell(option.name)}\` | ${cell(option.values)} | ${code(option.fallback)} | ${cell(option.when ?? '')} |`;

function tables(chosen) {
  const groups = new Map();
  for (const option of chosen) groups.set(option.group, [...(groups.get(option.group) ?? []), option]);
  return [...groups].map(([group, list]) => `### ${group}\n\n| Option | Values | Default | Only with |\n|---|---|---|---|\n${list.map(row).join('\n')}\n`).join('\n');
}

const honoured = options.filter(option => option.handling === 'must');
const idle = options.filter(option => option.handling !== 'must');
const text = `# Configuration

<!-- Written by tools/options-book.mjs from src/Castellan/CommandLine/options.tsv; change that and run: node tools/options-book.mjs -->

Options, variables and file are Keycloak's. What is named first wins:

1. the command line, \`--db-username=castellan\` or \`--db-username castellan\`;
2. the environment, \`KC_DB_USERNAME\`: capitals, \`-\` becomes \`_\`, \`--\` within a provider's option becomes \`__\`. \`CASTELLAN_…\` is read before \`KC_…\`; \`KCRAW_…\` takes a
   value as it stands, where \`KC_…\` replaces \`\${NAME}\`, \`\${NAME:fallback}\` and \`$$\`;
3. a property, \`-Dkc.db-username=castellan\`;
4. the file \`conf/keycloak.conf\` in the folder above the program's own, or the one of \`--config-file\` or \`KC_CONFIG_FILE\`: lines \`db-username=castellan\`, \`#\` for comments;
5. a key store, see below.

\`castellan show-config\` prints what is set and where it comes from, with secrets as stars; \`show-config all\` adds the defaults. A wrong value is refused before anything
runs, with exit status 2. \`castellan build\` remembers options of the kind that Keycloak fixes when it is built, so that images which run \`build\` and then
\`start --optimized\` work; nothing is compiled.

## Secrets from a key store

\`--config-keystore=FILE --config-keystore-password=…\` reads settings from a PKCS #12 file, under aliases that begin with \`kc.\`:

\`\`\`
keytool -importpass -alias kc.db-password -keystore conf/secrets.p12 -storetype PKCS12
\`\`\`

## Secrets of realms from a vault

A setting of a realm may be \`\${vault.NAME}\` instead of a secret: the mail server's password and its client secret, the client secret of an identity provider.
It is looked up each time that it is used, never stored, and shown as written.

- \`--vault=file --vault-dir=DIR\`: a file for each secret, named \`REALM_NAME\`; underscores within the two are doubled (\`my__realm_smtp__password\`).
- \`--vault=keystore --vault-file=FILE --vault-pass=…\`: the same names as aliases of a PKCS #12 file.

\`--spi-vault--file--key-resolvers=KEY_ONLY\` (or \`--spi-vault--keystore--…\`) leaves the realm out of the name: then every realm's administrator can refer to every secret.

## Events to a webhook

\`--spi-events-listener--webhook--url=URL\` and \`--spi-events-listener--webhook--secret=…\` (variables \`KC_SPI_EVENTS_LISTENER__WEBHOOK__URL\`, \`…_SECRET\`) register the event
listener \`webhook\`; a realm gets it by naming it among its event listeners. See [operations](operations.md#events).

## Sign-in on another device

\`--spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri=URL\` names the service that asks people on their devices. See
[CIBA](ciba.md).

## Options that do something

${tables(honoured)}
## Options that are accepted and do nothing

Deployments of Keycloak set these; they are taken, and a warning at the start says that they have no effect: there is no cluster cache to tune, no virtual machine, and what
else is here is not built.

${[...new Set(idle.map(option => option.group))].map(group => `- ${group}: ${idle.filter(option => option.group === group).map(option => `\`${option.name}\``).join(', ')}`).join('\n')}

Databases other than PostgreSQL and the embedded one are refused, as is \`fips-mode\`. The variable of an option: ${code('db-url-host')} is \`${variable('db-url-host')}\`.
`;

if (process.argv.includes('--check')) {
  let now = '';
  try { now = readFileSync(target, 'utf8'); } catch { /* it was never written */ }
  if (now !== text) { console.error('docs/book/configuration.md is out of date: node tools/options-book.mjs'); process.exitCode = 1; }
} else writeFileSync(target, text);
