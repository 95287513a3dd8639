// Writes THIRD-PARTY-NOTICES.md from what the native server is made of: the NuGet packages that its build resolved, and
// the npm packages that the consoles are bundled from.
//   node tools/notices.mjs [--check]      (after a build)

import { readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(top, 'THIRD-PARTY-NOTICES.md');
const assets = JSON.parse(await readFile(join(top, 'src/Castellan/obj/project.assets.json'), 'utf8'));
const folders = Object.keys(assets.packageFolders);

/** Packages that serve the build only are no part of the product. */
const onlyBuild = /^(Microsoft\.CodeAnalysis\.|Microsoft\.NET\.ILLink|Microsoft\.DotNet\.ILCompiler|runtime\..*ILCompiler)/i;

const rows = [];
for (const [id, library] of Object.entries(assets.libraries)) {
  const [name, version] = id.split('/');
  if (library.type !== 'package' || onlyBuild.test(name)) continue;
  const spec = await specOf(library.path);
  const field = tag => spec.match(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`))?.[1].trim();
  rows.push({ name, version, licence: field('license') ?? field('licenseUrl') ?? 'see the package', copyright: field('copyright') ?? field('authors') ?? '', url: field('projectUrl') ?? '' });
}
// The consoles are bundled from these; what their lock file marks as for development stays behind.
const lock = JSON.parse(await readFile(join(top, 'ui/consoles/package-lock.json'), 'utf8'));
for (const [path, entry] of Object.entries(lock.packages)) {
  if (!path || entry.dev || entry.devOptional || entry.optional) continue;
  const name = path.split('node_modules/').pop();
  rows.push({ name, version: entry.version, licence: entry.license ?? 'see the package', copyright: '', url: `https://www.npmjs.com/package/${name}` });
}
// The words of the pages and mails, and the list of common passwords, are data taken from these.
for (const folder of ['messages', 'passwords']) {
  const { dependencies } = JSON.parse(await readFile(join(top, `ui/${folder}/package.json`), 'utf8'));
  const { packages } = JSON.parse(await readFile(join(top, `ui/${folder}/package-lock.json`), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    const { version, license } = packages[`node_modules/${name}`];
    rows.push({ name, version, licence: license ?? 'see the package', copyright: '', url: `https://www.npmjs.com/package/${name}` });
  }
}
rows.push({ name: '.NET runtime and ASP.NET Core', version: '10', licence: 'MIT', copyright: '(c) .NET Foundation and contributors', url: 'https://dot.net' });
const unique = [...new Map(rows.map(row => [`${row.name}@${row.version}`, row])).values()];
rows.splice(0, rows.length, ...unique);
rows.sort((a, b) => a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en'));

const unknown = rows.filter(row => !/MIT|Apache-2\.0|BSD|PostgreSQL|ISC|Zlib|0BSD|CC0|Unlicense|BlueOak|aka\.ms|see the package/i.test(row.licence));
const text = `# Third-party notices

Castellan is under the Apache License 2.0. The native server and its consoles contain the following, each under its own licence. Made by
\`node tools/notices.mjs\`; do not edit.

| Package | Version | Licence | Copyright | Home |
|---|---|---|---|---|
${rows.map(row => `| ${[row.name, row.version, row.licence, row.copyright.replace(/\s+/g, ' ').replaceAll('&#169;', '(c)').replaceAll('©', '(c)'), row.url].join(' | ')} |`).join('\n')}

libsodium is under the ISC licence, SQLite is in the public domain.
`;

if (unknown.length) {
  console.error(`Licences that nobody has looked at yet: ${unknown.map(row => `${row.name} (${row.licence})`).join(', ')}`);
  process.exit(1);
}
if (process.argv.includes('--check')) {
  if (await readFile(target, 'utf8').catch(() => '') !== text) {
    console.error('THIRD-PARTY-NOTICES.md is not what the build contains: node tools/notices.mjs');
    process.exit(1);
  }
} else await writeFile(target, text);

async function specOf(path) {
  for (const folder of folders) {
    const files = await readdir(join(folder, path)).catch(() => []);
    const spec = files.find(file => file.endsWith('.nuspec'));
    if (spec) return readFile(join(folder, path, spec), 'utf8');
  }
  return '';
}
