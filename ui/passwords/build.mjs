// Writes out/common-passwords.txt.gz: the package's list, a password a line, the most common first.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { dictionary } from '@zxcvbn-ts/language-common';

const out = join(dirname(fileURLToPath(import.meta.url)), 'out');
const lines = dictionary['passwords-common'];
if (lines.length < 10_000 || !lines.includes('123456')) throw new Error(`This is no list of common passwords: ${lines.length} lines`);
rmSync(out, { recursive: true, force: true });
mkdirSync(out);
writeFileSync(join(out, 'common-passwords.txt.gz'), gzipSync(lines.join('\n') + '\n', { level: 9 }));
console.log(`${lines.length} common passwords`);
