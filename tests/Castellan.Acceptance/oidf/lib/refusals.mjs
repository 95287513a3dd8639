// How a server may say no, for each kind of request: the errors that the specifications name for it.

import assert from 'node:assert/strict';
import { words } from './browser.mjs';
import { assertError } from './relying-party.mjs';

const refuses = (errors, statuses) => answer => assertError(answer, errors, statuses);

export const badClient = refuses(['invalid_client', 'invalid_request']);
export const badClientOrGrant = refuses(['invalid_client', 'invalid_grant']);
export const badRequest = refuses('invalid_request', [400]);
export const badObject = refuses('invalid_request_object', [400]);
export const badRequestOrObject = refuses(['invalid_request', 'invalid_request_object'], [400]);
export const badReference = refuses(['invalid_request', 'invalid_request_object', 'request_uri_not_supported'], [400]);
export const badGrant = refuses('invalid_grant', [400]);
export const badType = refuses(['unsupported_response_type', 'invalid_request', 'unauthorized_client']);
export const badKey = refuses(['invalid_client', 'unauthorized_client', 'invalid_request', 'invalid_grant', 'invalid_dpop_proof']);
export const badProof = refuses(['invalid_request', 'invalid_dpop_proof', 'invalid_grant'], [400]);

/** An authorization request that must not succeed: a page of the server, or an error of these at the application, which is not sent elsewhere with it. */
export function assertRefused(answer, ...errors) {
  if (answer.page) return assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${words(answer.page)}`);
  for (const name of ['code', 'id_token', 'access_token']) assert.equal(answer.values[name], undefined, name);
  assert.ok(errors.includes(answer.values.error), `${answer.values.error}: ${answer.values.error_description}`);
  assert.deepEqual(Object.keys(answer.values).filter(name => !['error', 'error_description', 'error_uri', 'state', 'iss', 'session_state'].includes(name)), []);
}
