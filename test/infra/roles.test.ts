import { expect, it } from 'vitest';
import { BUILT_IN } from './bicep/check-roles.ts';
import { parametersOf, resourcesOf, variablesOf } from './bicep/document.ts';
import { bicepFiles, infraFile, literalOf, parseBicep, propertiesOf, walk } from './bicep/syntax.ts';

const find = (body: Parameters<typeof propertiesOf>[0] | undefined, name: string) =>
  body === undefined ? undefined : propertiesOf(body).find((property) => property.name === name)?.value;

/*
 * These read the text of infra/, so they run on a machine without a compiler. snapshot.test.ts reads what would be deployed.
 */

const ROLE = /^subscriptionResourceId\('Microsoft\.Authorization\/roleDefinitions', ([\w.]+)\)$/;

/** Every role that is given: file, scope, role. A built-in role goes by the name of its id. */
async function assignments(): Promise<string[]> {
  const found: string[] = [];
  for (const { path, text } of bicepFiles()) {
    const root = await parseBicep(text);
    const ids = new Map(variablesOf(root).map(({ name, value }) => [name, literalOf(value)]));
    for (const { type, body } of resourcesOf(root)) {
      if (!type.startsWith('Microsoft.Authorization/roleAssignments@')) continue;
      const role = find(find(body, 'properties'), 'roleDefinitionId')?.text ?? '';
      const given = ROLE.exec(role)?.[1] ?? role;
      const id = ids.get(given);
      const name = id === undefined ? given : BUILT_IN[id];
      found.push(`${path}: ${find(body, 'scope')?.text ?? 'the resource group'}: ${name}`);
    }
  }
  return found.sort((one, other) => one.localeCompare(other));
}

it('these roles are given, and no other', async () => {
  expect(await assignments()).toEqual([
    'modules/bus.bicep: topic: serviceBusDataSender',
    'modules/confluent-role.bicep: organization: role.name',
    'modules/event-roles.bicep: account: storageBlobDataContributor',
    'modules/event-roles.bicep: queue: serviceBusDataSender',
    'modules/observability.bicep: insights: monitoringMetricsPublisher',
    'modules/queue.bicep: queue: serviceBusDataReceiver',
    'modules/queue.bicep: queue: serviceBusDataSender',
    'modules/storage.bicep: account: storageBlobDataOwner',
    'modules/storage.bicep: ledger: ledgerRole.name',
    'modules/vault-writer.bicep: vault: role.name',
  ]);
});

it('README lists them', async () => {
  const readme = infraFile('README.md').toLowerCase();
  for (const assignment of await assignments()) {
    const role = assignment.split(': ')[2] ?? '';
    const words = /^\w*[rR]ole\.name$/.test(role)
      ? 'custom'
      : role.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    expect(readme).toContain(`| ${words}`);
  }
});

async function listIn(path: string, name: string): Promise<string[]> {
  const lists = [...walk(await parseBicep(infraFile(path)))].filter(
    ({ type, firstNamedChild }) => type === 'object_property' && firstNamedChild?.text === name,
  );
  return lists.flatMap((list) => [...walk(list)].flatMap((node) => literalOf(node) ?? []));
}

it('the vault role writes and cannot read values, delete or purge', async () => {
  expect(await listIn('modules/vault-writer.bicep', 'actions')).toEqual([]);
  expect(await listIn('modules/vault-writer.bicep', 'dataActions')).toEqual([
    'Microsoft.KeyVault/vaults/secrets/setSecret/action',
    'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
    'Microsoft.KeyVault/vaults/secrets/update/action',
  ]);
});

it('the Confluent role can never delete an organization, whatever its parameter allows', async () => {
  const denied = await listIn('modules/confluent-role.bicep', 'notActions');
  expect(denied).toEqual(
    expect.arrayContaining(['Microsoft.Confluent/organizations/delete', 'Microsoft.Confluent/organizations/write']),
  );
  const main = await parseBicep(infraFile('main.bicep'));
  const standard = parametersOf(main).find(({ name }) => name === 'confluentActions')?.value;
  const actions = standard === undefined ? [] : [...walk(standard)].flatMap((node) => literalOf(node) ?? []);
  expect(actions.length).toBe(3);
  expect(actions.filter((action) => denied.includes(action) || action.includes('*'))).toEqual([]);
});
