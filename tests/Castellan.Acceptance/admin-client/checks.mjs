import assert from 'node:assert/strict';

export const realm = 'driven';
export const password = 'a-long-enough-password';
export const one = (list, key, value) => list.find(item => item[key] === value) ?? assert.fail(`no ${value} among ${JSON.stringify(list.map(item => item[key]))}`);
export const gone = async promise => assert.ok([null, undefined].includes(await promise), 'it is still there');
export const refused = (status, promise) => assert.rejects(promise, error => error.response?.status === status || assert.fail(`${error.response?.status} ${error.message}`));

/** Protocol mappers, which clients and client scopes have alike. */
export async function mappers(resource, owner) {
  const mapper = name => ({ name, protocol: 'openid-connect', protocolMapper: 'oidc-hardcoded-claim-mapper', config: { 'claim.name': name, 'claim.value': '1' } });
  await resource.addProtocolMapper(owner, mapper('one'));
  await resource.addMultipleProtocolMappers(owner, [mapper('two'), mapper('three')]);
  const [id] = (await resource.listProtocolMappers(owner)).filter(m => m.name === 'one').map(m => m.id);
  await resource.updateProtocolMapper({ ...owner, mapperId: id }, { ...mapper('one'), id, config: { 'claim.name': 'one', 'claim.value': '2' } });
  const find = resource.findProtocolMapperById ?? resource.findProtocolMapper;
  assert.equal((await find({ ...owner, mapperId: id })).config['claim.value'], '2');
  assert.equal((await resource.findProtocolMapperByName({ ...owner, name: 'one' })).id, id);
  one(await resource.findProtocolMappersByProtocol({ ...owner, protocol: 'openid-connect' }), 'name', 'two');
  await resource.delProtocolMapper({ ...owner, mapperId: id });
  assert.ok(!(await resource.listProtocolMappers(owner)).some(m => m.name === 'one'));
}

/** Role mappings, which users and groups have alike. */
export async function roleMappings(world, resource, id) {
  const client = { id, clientUniqueId: world.ids.client };
  one(await resource.listAvailableRealmRoleMappings({ id }), 'name', 'clerk');
  await resource.addRealmRoleMappings({ id, roles: [world.ids.clerk] });
  one(await resource.listRealmRoleMappings({ id }), 'name', 'clerk');
  one(await resource.listCompositeRealmRoleMappings({ id }), 'name', 'clerk');
  one(await resource.listAvailableClientRoleMappings(client), 'name', 'seller');
  await resource.addClientRoleMappings({ ...client, roles: [world.ids.seller] });
  one(await resource.listClientRoleMappings(client), 'name', 'seller');
  one(await resource.listCompositeClientRoleMappings(client), 'name', 'seller');
  assert.ok((await resource.listRoleMappings({ id })).clientMappings);
  await resource.delClientRoleMappings({ ...client, roles: [world.ids.seller] });
  await resource.delRealmRoleMappings({ id, roles: [world.ids.clerk] });
}
