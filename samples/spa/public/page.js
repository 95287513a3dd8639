// What both pages have in common: three buttons, and a list that the API gives to a good token.

const element = id => document.getElementById(id);

export const settings = await (await fetch('/settings.json')).json();

/** Shows who is signed in; nobody, when there is no name. And what went wrong: the person refused, or the server is not there. */
export function show(name, trouble) {
  element('who').textContent = name ? `Signed in as ${name}` : 'Nobody is signed in';
  element('sign-in').hidden = Boolean(name);
  element('call').hidden = element('sign-out').hidden = !name;
  element('answer').hidden = !trouble;
  element('answer').textContent = trouble?.message ?? trouble?.error ?? '';
}

/** @param token gives an access token that is still good */
export function act({ signIn, signOut, token }) {
  element('sign-in').addEventListener('click', signIn);
  element('sign-out').addEventListener('click', signOut);
  element('call').addEventListener('click', async () => {
    try {
      const response = await fetch(`${settings.apiUrl}/users`, { headers: { authorization: `Bearer ${await token()}` } });
      element('answer').textContent = `${response.status} ${await response.text()}`;
    } catch (error) {
      element('answer').textContent = `The API was not reached: ${error.message}`;
    }
    element('answer').hidden = false;
  });
}
