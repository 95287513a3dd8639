// What an operator makes and changes in the admin console, each with the message that it must end in.

import assert from 'node:assert/strict';

const field = (page, name) => page.locator(`[data-testid="${name}"]:visible, [id="${name}"]:visible`).first();
const fill = async (page, fields) => { for (const [name, value] of Object.entries(fields)) await field(page, name).fill(value); };
const press = (page, name) => page.locator(`[data-testid="${name}"]:visible`).first().click();
const pressText = (page, text) => page.getByRole('button', { name: text, exact: true }).first().click();

/** Each: where it happens, what is done, and how the console says that it was done. */
export const edits = realm => [
  ['creates a realm', '/master/realms', async page => {
    await press(page, 'add-realm');
    await fill(page, { realm: `${realm}-made` });
    await press(page, 'create');
  }, /Realm created successfully/],
  ['changes a realm', `/${realm}/realm-settings/general`, async page => {
    await fill(page, { displayName: 'Everything else' });
    await press(page, 'realmSettingsGeneralTab-save');
  }, /Realm successfully updated/],
  ['creates a client', `/${realm}/clients/add-client`, async page => {
    await fill(page, { clientId: 'made' });
    await pressText(page, 'Next');
    await pressText(page, 'Next');
    await pressText(page, 'Save');
  }, /Client created successfully/],
  ['changes a client', null, async page => {
    await fill(page, { name: 'Made here', 'redirectUris0': 'http://localhost:3003/*' });
    await press(page, 'settings-save');
  }, /Client successfully updated/],
  ['creates a user', `/${realm}/users/add-user`, async page => {
    await fill(page, { username: 'mara', email: 'mara@example.org' });
    await press(page, 'user-creation-save');
  }, /The user has been created/],
  ['changes a user', null, async page => {
    await fill(page, { firstName: 'Mara' });
    await press(page, 'user-creation-save');
  }, /The user has been saved/],
  ['sets a password', null, async page => {
    await press(page, 'credentials');
    await pressText(page, 'Set password');
    await fill(page, { password: 'a-long-enough-password', passwordConfirmation: 'a-long-enough-password' });
    await press(page, 'confirm');
    await press(page, 'confirm');
  }, /The password has been set successfully/],
  ['creates a role', `/${realm}/roles/new`, async page => {
    await fill(page, { name: 'made' });
    await press(page, 'save');
  }, /Role created/],
  ['changes a role', null, async page => {
    await fill(page, { description: 'Made here' });
    await press(page, 'realmSettingsGeneralTab-save').catch(() => press(page, 'save'));
  }, /The role has been saved/],
  ['creates a group', `/${realm}/groups`, async page => {
    await press(page, 'openCreateGroupModal');
    await fill(page, { name: 'made' });
    await press(page, 'createGroup');
  }, /Group created/],
  ['creates a client scope', `/${realm}/client-scopes/new`, async page => {
    await fill(page, { name: 'made' });
    await press(page, 'save');
  }, /Client scope created/],
  ['changes a client scope', null, async page => {
    await fill(page, { description: 'Made here' });
    await press(page, 'save');
  }, /Client scope updated/],
  ['creates a flow', `/${realm}/authentication/flows/create`, async page => {
    await fill(page, { alias: 'made' });
    await press(page, 'create');
  }, /Flow created/],
  ['adds a step to a flow', null, async page => {
    await pressText(page, 'Add execution');
    await page.locator('dialog, [role="dialog"]').getByRole('radio').first().check();
    await pressText(page, 'Add');
  }, /Flow successfully updated/],
  ['creates an identity provider', `/${realm}/identity-providers/github/add`, async page => {
    await fill(page, { 'config.clientId': 'made', 'config.clientSecret': 'made' });
    await press(page, 'createProvider');
  }, /Identity provider successfully created/],
  ['changes an identity provider', null, async page => {
    await fill(page, { 'config.clientId': 'made again' });
    await press(page, 'idp-details-save').catch(() => pressText(page, 'Save'));
  }, /Provider successfully updated/],
];

/** Does one of them, and waits for its message. */
export async function edit(visitor, [name, route, action, message]) {
  // From one realm to another the console is loaded anew: a page of the first may need what the second has not.
  if (route) await visitor.opens(route, { reload: route.startsWith('/master') });
  await visitor.saves(name, async page => {
    await action(page);
    const said = page.locator('.pf-v5-c-alert-group .pf-v5-c-alert');
    await said.filter({ hasText: message }).first().waitFor().catch(async () => assert.fail(`${name}: it says ${JSON.stringify(await said.allInnerTexts())}, and the page ${(await page.locator('main').first().innerText()).slice(0, 600)}`));
  });
  for (const close of await visitor.page.locator('.pf-v5-c-alert-group .pf-v5-c-alert__action button').all()) await close.click().catch(() => {});
}
