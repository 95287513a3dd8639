// What both consoles share: the environment that the server wrote into the page, the messages, dark mode, and the mount.
import i18next from "i18next";
import FetchBackend from "i18next-fetch-backend";
import { StrictMode, type ReactElement } from "react";
import { createRoot } from "react-dom/client";
import { initReactI18next } from "react-i18next";

export type Environment = {
  serverBaseUrl: string;
  realm: string;
  clientId: string;
  resourceUrl: string;
  logo: string;
  logoUrl: string;
  darkMode: boolean;
  locale?: string;
  baseUrl?: string;
};

/** The JSON that the server puts into `<script id="environment">`. */
export function environment<T extends Environment>(): T {
  return JSON.parse(document.getElementById("environment")!.textContent!) as T;
}

function followColourScheme(allowed: boolean) {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => document.documentElement.classList.toggle("pf-v5-theme-dark", allowed && dark.matches);
  dark.addEventListener("change", apply);
  apply();
}

/** Loads the messages of one console and shows it. A namespace is a realm: the admin console asks for the words of the one that it administers. */
export async function start(kind: "admin" | "account", env: Environment, console: ReactElement) {
  followColourScheme(env.darkMode);
  await i18next
    .use(FetchBackend)
    .use(initReactI18next)
    .init({
      lng: env.locale ?? "en",
      fallbackLng: "en",
      ns: encodeURIComponent(env.realm),
      defaultNS: encodeURIComponent(env.realm),
      keySeparator: false,
      nsSeparator: false,
      interpolation: { escapeValue: false },
      backend: {
        loadPath: `${env.serverBaseUrl}/resources/{{ns}}/${kind}/{{lng}}`,
        parse: (text: string) => Object.fromEntries((JSON.parse(text) as { key: string; value: string }[]).map(({ key, value }) => [key, value])),
      },
    });
  const name = () => { document.documentElement.lang = i18next.language; };
  i18next.on("languageChanged", name);
  name();
  createRoot(document.getElementById("app")!).render(<StrictMode>{console}</StrictMode>);
}
