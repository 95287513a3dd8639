import { UserManager, WebStorageStateStore } from 'oidc-client-ts';
import { act, settings, show } from './page.js';

const here = location.origin + location.pathname;
const manager = new UserManager({
  authority: settings.realmUrl, client_id: settings.clientId, redirect_uri: here, post_logout_redirect_uri: here, scope: 'openid profile',
  userStore: new WebStorageStateStore({ store: sessionStorage }),
});

if (new URLSearchParams(location.search).has('state')) {
  if (new URLSearchParams(location.search).has('code')) await manager.signinRedirectCallback();
  else await manager.signoutRedirectCallback();
  history.replaceState(null, '', here);
}

show((await manager.getUser())?.profile.preferred_username);
act({
  signIn: () => manager.signinRedirect(),
  signOut: () => manager.signoutRedirect(),
  token: async () => {
    const user = await manager.getUser();
    return (user.expires_in > 30 ? user : await manager.signinSilent()).access_token;
  },
});
