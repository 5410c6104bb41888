import { describe, expect, it } from 'vitest';
import { checkBicep } from './bicep/check.ts';
import { type BicepFile, bicepFiles } from './bicep/syntax.ts';

const files = bicepFiles();

/** infra/ with one passage of one file put differently. */
function spoilt(path: string, passage: string, by: string): readonly BicepFile[] {
  const file = files.find((one) => one.path === path);
  if (file === undefined || !file.text.includes(passage)) throw new Error(`${path} has no ${passage}`);
  return files.map((one) => (one === file ? { path, text: file.text.replace(passage, by) } : one));
}

it('infra/*.bicep is clean', async () => {
  expect(files.length).toBeGreaterThan(10);
  expect(await checkBicep(files)).toEqual([]);
});

it('a rule of the linter is disabled only under a comment that gives the reason', () => {
  const disabled = files.flatMap(({ text }) => [...text.matchAll(/(.*)\n *#disable-next-line/g)]);
  expect(disabled.length).toBeGreaterThan(2);
  expect(disabled.filter(([, above = '']) => !above.trim().startsWith('// '))).toEqual([]);
});

const FAULTS: readonly (readonly [fault: string, path: string, passage: string, by: string, complaint: string])[] = [
  ['a misspelt property', 'modules/vault.bicep', 'enableSoftDelete', 'enableSoftDeletion', 'is no property'],
  [
    'a property deep down',
    'modules/function.bicep',
    'userAssignedIdentityResourceId: ',
    'identityId: ',
    'is no property',
  ],
  ['a property of a loop', 'modules/alerts.bicep', 'skipQueryValidation:', 'skipValidation:', 'is no property'],
  ['a property of a case', 'modules/events.bicep', 'blobContainerName:', 'containerName:', 'is no property'],
  ['a case of its own', 'modules/events.bicep', "'StorageBlob'", "'Storage'", 'none of'],
  ['a string for a number', 'modules/vault.bicep', 'Days: 90', "Days: '90'", 'must be int, not string'],
  [
    'a string for a bool',
    'modules/queue.bicep',
    'OnMessageExpiration: true',
    "OnMessageExpiration: 'true'",
    'must be bool',
  ],
  ['a string for a list', 'modules/alerts.bicep', 'scopes: [workspaceId]', 'scopes: workspaceId', 'must be array'],
  ['an object for a string', 'modules/bus.bicep', "TlsVersion: '1.2'", 'TlsVersion: {}', 'must be string, not object'],
  ['a wrong type in one branch', 'modules/vault.bicep', "? 'Enabled'", '? 1', 'must be string, not int'],
  ['a value that is not published', 'modules/storage.bicep', "'TLS1_2'", "'TLS12'", '"TLS12" is none of'],
  ['an unknown resource type', 'modules/bus.bicep', 'ServiceBus/namespaces@', 'ServiceBus/namespace@', 'is not known'],
  ['an unknown API version', 'modules/bus.bicep', 'namespaces@2026-01-01', 'namespaces@2023-01-01', 'is not known'],
  ['a missing property', 'modules/vault.bicep', 'tenantId: tenant().tenantId', '', 'lacks "tenantId"'],
  ['a resource without a name', 'modules/events.bicep', 'name: vaultName', '', 'lacks "name"'],
  ['a child without its parent', 'modules/storage.bicep', 'parent: account', '', 'lacks "parent"'],
  [
    'a property given twice',
    'modules/vault.bicep',
    'enableSoftDelete: true',
    'enablePurgeProtection: true',
    'given twice',
  ],
  ['a read-only property', 'modules/vault.bicep', 'enableSoftDelete', 'hsmPoolResourceId', 'is read-only'],
  [
    'a property that a resource does not have',
    'modules/vault.bicep',
    'properties.vaultUri',
    'properties.vaultUrl',
    'no property',
  ],
  [
    'an output that a module does not have',
    'main.bicep',
    'vault.outputs.url',
    'vault.outputs.uri',
    'no property "uri"',
  ],
  [
    'a wrong type from an output',
    'main.bicep',
    'retentionDays: logRetentionDays',
    'retentionDays: suffix',
    'must be int',
  ],
  ['a module that is not there', 'main.bicep', 'modules/bus.bicep', 'modules/buses.bicep', 'there is no module'],
  ['a missing parameter', 'main.bicep', 'sku: storageSku', '', 'is not given "sku"'],
  ['a misspelt parameter', 'main.bicep', 'sku: storageSku', 'skuName: storageSku', 'has no parameter "skuName"'],
  ['an unknown name', 'main.bicep', 'runbookUrl: runbookUrl', 'runbookUrl: runbook', 'the name "runbook" is not known'],
  ['an unknown function', 'main.bicep', 'toLower(', 'lower(', 'the function "lower" is not known'],
  [
    'a parameter that nobody uses',
    'main.bicep',
    'sku: storageSku',
    "sku: 'Standard_LRS'",
    '"storageSku" is used nowhere',
  ],
  [
    'a parameter without a description',
    'main.bicep',
    "@description('Where everything goes.')",
    '',
    'has no description',
  ],
  ['a name declared twice', 'main.bicep', 'var suffix', 'var prefix', 'is declared twice'],
  ['a syntax error', 'main.bicep', 'param mode string =', 'param mode string', 'syntax error'],
  [
    'an account key',
    'modules/storage.bicep',
    'account.id\n',
    'account.listKeys().keys[0].value\n',
    'hands out a secret',
  ],
  ['a connection string', 'main.bicep', "'managed-identity'", "'Endpoint=sb://x/'", 'looks like a secret'],
  ['a role of another kind', 'modules/queue.bicep', '4f6d3b9b-027b', '090c5cfd-751d', 'is no role that may be given'],
  ['a role under a wrong name', 'modules/queue.bicep', 'var serviceBusDataReceiver', 'var receiver', 'is the role'],
];

describe('the check finds', () => {
  it.each(FAULTS)('%s', async (_fault, path, passage, by, complaint) => {
    const found = await checkBicep(spoilt(path, passage, by), [path]);
    expect(found).toContainEqual(expect.stringContaining(complaint));
  });
});
