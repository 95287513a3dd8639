// Builds both consoles and their messages into dist/, each file compressed with Brotli: the form in which the server embeds and serves them.
import { build } from "vite";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { parseProperties } from "./properties.mjs";

/** Texts that speak of Keycloak's own server and adapters, and not of the one that shows them. */
const THEIRS = new Set([
  "addKeycloakOpenIdProvider", "jwksUrlHelp", "openIdConnectCompatibilityModesHelp", "optimizeLookupHelp", "samlSignatureKeyNameHelp", "signatureKeyNameHelp",
]);

/** Words of the parts that both consoles share; the package has them with the admin console alone. */
const SHARED = [
  "MANAGED", "UNMANAGED", "back", "browse", "clearAllFilters", "disabled", "expandRow", "hide", "membershipType", "next", "noSearchResults", "noSearchResultsInstructions", "pagination",
  "remove", "search", "selectAll", "showPassword", "showRemaining", "spinnerLoading",
];

process.env.NODE_ENV = "production";
const here = import.meta.dirname;
const dist = join(here, "dist");
const modules = join(here, "node_modules");
await rm(dist, { recursive: true, force: true });

for (const console of ["admin", "account"]) {
  await build({
    root: here,
    base: "./",
    logLevel: "warn",
    configFile: false,
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      outDir: join(dist, console), assetsDir: "", manifest: "manifest.json", sourcemap: false, modulePreload: false, chunkSizeWarningLimit: 8000,
      rollupOptions: {
        input: join(here, "src", `${console}.tsx`),
        onwarn: (warning, show) => warning.code === "MODULE_LEVEL_DIRECTIVE" || show(warning),
      },
    },
  });
  await cp(join(here, "public"), join(dist, console), { recursive: true });
  await messages(console);
}

await cp(join(modules, "@keycloakify/keycloak-account-ui/keycloak-theme/account/assets/passkeys"), join(dist, "account", "passkeys"), { recursive: true });
await cp(join(here, "content.json"), join(dist, "account", "content.json"));
await compress(dist);

/** Message files of the npm package, one JSON object a locale, with our name in them and our supplement laid over. */
async function messages(console) {
  const folder = bundles(console);
  const out = join(dist, "messages", console);
  await mkdir(out, { recursive: true });
  const own = JSON.parse(await readFile(join(here, `messages.${console}.json`), "utf8"));
  for (const file of await readdir(folder)) {
    const locale = /^messages_(.+)\.properties$/.exec(file)?.[1].replaceAll("_", "-");
    if (!locale) continue;
    const theirs = Object.entries({ ...(console === "account" ? await shared(file) : {}), ...parseProperties(await readFile(join(folder, file), "utf8")) });
    const texts = { ...Object.fromEntries(theirs.map(([key, text]) => [key, THEIRS.has(key) ? text : text.replace(/\bKeycloak\b/g, "Castellan")])), ...own[locale] };
    await writeFile(join(out, `${locale}.json`), JSON.stringify(texts));
  }
}

function bundles(console) {
  return join(modules, `@keycloakify/keycloak-${console}-ui/keycloak-theme/${console}/i18n`);
}

/** The shared words in the language of a message file, where the admin console speaks it. */
async function shared(file) {
  const texts = parseProperties(await readFile(join(bundles("admin"), file), "utf8").catch(() => ""));
  return Object.fromEntries(SHARED.filter(key => key in texts).map(key => [key, texts[key]]));
}

async function compress(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      await compress(path);
      continue;
    }
    const raw = await readFile(path);
    await writeFile(`${path}.br`, brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length } }));
    await rm(path);
  }
}
