document.cookie = 'KEYCLOAK_3P_COOKIE=supported; SameSite=None; Secure';
location.replace(new URL('step2.html', location.href));
