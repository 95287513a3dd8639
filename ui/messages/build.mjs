// Writes out/login/<locale>.json: the package's words in every language, ours (own/<locale>.json) laid over them.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, 'node_modules/keycloakify/src/login/i18n/messages_defaultSet');
const out = join(here, 'out/login');

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

/** The object literal of a generated file, without running a compiler over it. */
async function read(file) {
  const text = readFileSync(file, 'utf8');
  const plain = join(out, 'module.mjs');
  writeFileSync(plain, text);
  const { default: messages } = await import(`${pathToFileURL(plain)}?${encodeURIComponent(file)}`);
  rmSync(plain);
  return messages;
}

const own = locale => {
  const file = join(here, `own/${locale}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
};

for (const file of readdirSync(source).filter(name => /^[a-z]{2}(-[A-Z]{2})?\.ts$/.test(name))) {
  const locale = file.replace('.ts', '');
  const words = { ...await read(join(source, file)), ...own(locale) };
  writeFileSync(join(out, `${locale}.json`), JSON.stringify(Object.fromEntries(Object.entries(words).sort(([a], [b]) => (a < b ? -1 : 1))), null, 0));
}
const english = JSON.parse(readFileSync(join(out, 'en.json'), 'utf8'));
const german = JSON.parse(readFileSync(join(out, 'de.json'), 'utf8'));
const missing = Object.keys(english).filter(key => !(key in german));
if (missing.length) throw new Error(`German words are missing: ${missing.join(', ')}`);

// The words of the mails come as property files (Java's format), in a package of their own.
const mails = join(here, 'node_modules/@keycloakify/email-native/keycloak-theme/email/messages');
const mailsOut = join(here, 'out/email');
rmSync(mailsOut, { recursive: true, force: true });
mkdirSync(mailsOut, { recursive: true });

/** A Java property file: `key=value` lines, a backslash at the end of a line goes on in the next. */
function properties(text) {
  const found = {};
  for (const line of text.replace(/\\\r?\n[ \t]*/g, '').split(/\r?\n/)) {
    const match = /^\s*([^#!=:\s][^=:\s]*)\s*[=:]\s?(.*)$/.exec(line);
    if (match) {
      found[match[1]] = match[2].replace(/\\(u([0-9a-fA-F]{4})|.)/g, (_, all, hex) => (hex ? String.fromCharCode(parseInt(hex, 16)) : { n: '\n', t: '\t', r: '\r' }[all] ?? all));
    }
  }
  return found;
}

for (const file of readdirSync(mails).filter(name => /^messages_\w+\.properties$/.test(name))) {
  const locale = file.slice('messages_'.length, -'.properties'.length).replace('_', '-');
  const words = { ...properties(readFileSync(join(mails, file), 'utf8')), ...own(`email/${locale}`) };
  writeFileSync(join(mailsOut, `${locale}.json`), JSON.stringify(words));
}
const germanMails = JSON.parse(readFileSync(join(mailsOut, 'de.json'), 'utf8'));
const missingMails = Object.keys(JSON.parse(readFileSync(join(mailsOut, 'en.json'), 'utf8'))).filter(key => !(key in germanMails));
if (missingMails.length) throw new Error(`German words for mails are missing: ${missingMails.join(', ')}`);
console.log(`${readdirSync(out).length} languages, ${Object.keys(english).length} English texts`);
