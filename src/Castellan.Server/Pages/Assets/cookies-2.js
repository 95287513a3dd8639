const kept = document.cookie.includes('KEYCLOAK_3P_COOKIE=supported');
if (kept) document.cookie = 'KEYCLOAK_3P_COOKIE=; Max-Age=0; SameSite=None; Secure';
parent.postMessage(kept ? 'supported' : 'unsupported', '*');
