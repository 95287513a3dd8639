// Asks an authenticator as the page's data say, and posts what it answers (Web Authentication Level 3).
const read = text => Object.fromEntries([...text.matchAll(/\b(\w+)\s*:\s*(?:"((?:[^"\\]|\\u[0-9a-f]{4})*)"|(\[[^\]]*\]|[\w.]+))/g)]
  .map(([, name, quoted, raw]) => [name, quoted === undefined ? raw : quoted.replace(/\\u([0-9a-f]{4})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))]));
const bytes = text => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0));
const base64url = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
const given = value => (value && value !== 'not specified' ? value : undefined);
const set = (id, value) => { document.getElementById(id).value = value; };
const conditional = new AbortController();

async function authenticate(form, options, mediation) {
  const keys = [...document.getElementsByName('authn_use_chk')].map(key => ({ type: 'public-key', id: bytes(key.value) }));
  const publicKey = { challenge: bytes(options.challenge), rpId: options.rpId };
  if (options.isUserIdentified === 'true' && keys.length) publicKey.allowCredentials = keys;
  if (Number(options.createTimeout)) publicKey.timeout = Number(options.createTimeout) * 1000;
  if (given(options.userVerification)) publicKey.userVerification = options.userVerification;
  const request = { publicKey, ...(mediation ? { mediation, signal: conditional.signal } : {}) };
  try {
    const { id, response } = await navigator.credentials.get(request);
    set('clientDataJSON', base64url(response.clientDataJSON));
    set('authenticatorData', base64url(response.authenticatorData));
    set('signature', base64url(response.signature));
    set('credentialId', id);
    if (response.userHandle) set('userHandle', base64url(response.userHandle));
  } catch (error) {
    if (mediation) return;
    set('error', String(error));
  }
  form.requestSubmit();
}

async function register(form, options) {
  const publicKey = {
    challenge: bytes(options.challenge),
    rp: { id: options.rpId, name: options.rpEntityName },
    user: { id: bytes(options.userid), name: options.username, displayName: options.username },
    pubKeyCredParams: (options.signatureAlgorithms.match(/-?\d+/g) ?? []).map(alg => ({ type: 'public-key', alg: Number(alg) })),
  };
  if (given(options.attestationConveyancePreference)) publicKey.attestation = options.attestationConveyancePreference;
  const selection = {};
  if (given(options.authenticatorAttachment)) selection.authenticatorAttachment = options.authenticatorAttachment;
  if (given(options.residentKey)) selection.residentKey = options.residentKey;
  if (given(options.requireResidentKey)) selection.requireResidentKey = options.requireResidentKey === 'Yes' || options.requireResidentKey === 'true';
  if (given(options.userVerificationRequirement)) selection.userVerification = options.userVerificationRequirement;
  if (Object.keys(selection).length) publicKey.authenticatorSelection = selection;
  if (Number(options.createTimeout)) publicKey.timeout = Number(options.createTimeout) * 1000;
  const known = (options.excludeCredentialIds ?? '').split(',').filter(Boolean);
  if (known.length) publicKey.excludeCredentials = known.map(id => ({ type: 'public-key', id: bytes(id) }));
  try {
    const { id, response, authenticatorAttachment } = await navigator.credentials.create({ publicKey });
    set('clientDataJSON', base64url(response.clientDataJSON));
    set('attestationObject', base64url(response.attestationObject));
    set('publicKeyCredentialId', id);
    set('transports', (response.getTransports?.() ?? []).join(','));
    set('authenticatorAttachment', authenticatorAttachment ?? '');
    const label = document.getElementById('authenticatorLabelText');
    set('authenticatorLabel', label?.value || options.initLabel);
  } catch (error) {
    set('error', String(error));
  }
  form.requestSubmit();
}

const form = document.getElementById('register') ?? document.getElementById('webauth');
if (form) {
  const options = read(document.getElementById('webauthn-options').content.textContent);
  const start = document.getElementById('authenticateWebAuthnButton') ?? document.getElementById('registerWebAuthn');
  const registers = form.id === 'register';
  const able = 'credentials' in navigator && window.PublicKeyCredential;
  if (start && (able || !options.mediation)) start.hidden = false;
  start?.addEventListener('click', () => {
    if (!able) {
      set('error', options.errmsg);
      form.requestSubmit();
      return;
    }
    conditional.abort();
    if (registers) register(form, options); else authenticate(form, options);
  });
  if (able && options.mediation === 'conditional' && PublicKeyCredential.isConditionalMediationAvailable) {
    PublicKeyCredential.isConditionalMediationAvailable().then(can => { if (can) authenticate(form, options, 'conditional'); });
  }
}
