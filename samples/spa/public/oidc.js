import { UserManager, WebStorageStateStore } from 'oidc-client-ts';
import { act, settings, show } from './page.js';

const here = location.origin + location.pathname;
const manager = new UserManager({
  authority: settings.realmUrl, client_id: settings.clientId, redirect_uri: here, post_logout_redirect_uri: here, scope: 'openid profile',
  userStore: new WebStorageStateStore({ store: sessionStorage }),
});

let trouble;
const answer = new URLSearchParams(location.search);
if (answer.has('state')) {
  history.replaceState(null, '', here);
  const url = `${here}?${answer}`;
  if (answer.has('code') || answer.has('error')) await manager.signinRedirectCallback(url).catch(error => { trouble = error; });
  else await manager.signoutRedirectCallback(url);
}

show((await manager.getUser())?.profile.preferred_username, trouble);
act({
  signIn: () => manager.signinRedirect(),
  signOut: () => manager.signoutRedirect(),
  token: async () => {
    const user = await manager.getUser();
    return (user.expires_in > 30 ? user : await manager.signinSilent()).access_token;
  },
});
