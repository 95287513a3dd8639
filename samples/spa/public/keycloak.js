import Keycloak from 'keycloak-js';
import { act, settings, show } from './page.js';

const [, url, realm] = /^(.*)\/realms\/([^/]+)$/.exec(settings.realmUrl);
const keycloak = new Keycloak({ url, realm, clientId: settings.clientId });
keycloak.onAuthLogout = () => show(undefined); // also when somebody signs out elsewhere: keycloak-js watches the session

// Whether the browser has a session already is asked in a frame, without leaving the page.
let trouble;
await keycloak.init({ onLoad: 'check-sso', silentCheckSsoRedirectUri: `${location.origin}/silent-check-sso.html` }).catch(error => { trouble = error; });
show(keycloak.tokenParsed?.preferred_username, trouble);
act({
  signIn: () => keycloak.login(),
  signOut: () => keycloak.logout({ redirectUri: location.origin + location.pathname }),
  token: async () => {
    await keycloak.updateToken(30);
    return keycloak.token;
  },
});
