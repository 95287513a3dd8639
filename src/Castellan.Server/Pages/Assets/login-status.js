// Tells the application in whose page this frame sits whether the session that it knows is still the browser's.
let allowed;
const cookie = name => document.cookie.split('; ').find(pair => pair.startsWith(`${name}=`))?.slice(name.length + 1);
const hash = async text => btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))))
  .replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

async function state(client, origin, session) {
  if (allowed?.client !== client || allowed?.origin !== origin) {
    const answer = await fetch(`${location.pathname}/init?client_id=${encodeURIComponent(client)}&origin=${encodeURIComponent(origin)}`);
    if (answer.status !== 204) return 'error';
    allowed = { client, origin };
  }
  const here = cookie('KEYCLOAK_SESSION');
  if (!here) return session ? 'changed' : 'unchanged';
  return session && decodeURIComponent(here) === await hash(session) ? 'unchanged' : 'changed';
}

addEventListener('message', async event => {
  if (typeof event.data !== 'string') return;
  const [client, session = ''] = event.data.split(' ');
  let answer;
  try { answer = await state(client, event.origin, session); } catch { answer = 'error'; }
  event.source.postMessage(answer, event.origin);
});
