import { type Mutant, mutantsOf } from './mutant.ts';

const host = mutantsOf('host.json');
const main = mutantsOf('infra/main.bicep');
const moduleOf = (name: string) => mutantsOf(`infra/modules/${name}.bicep`);
const [queue, bus, vault, storage] = [moduleOf('queue'), moduleOf('bus'), moduleOf('vault'), moduleOf('storage')];

/** What is deployed: the host, the queues, who is let in, what can be brought back, and what nobody asked for. */
export const INFRA_MUTANTS: readonly Mutant[] = [
  host('a function timeout above the lease', '"functionTimeout": "00:05:00"', '"functionTimeout": "00:02:00"'),
  host(
    'renewing the lock of a message as long as it is worked on',
    '"maxAutoLockRenewalDuration": "00:05:00"',
    '"maxAutoLockRenewalDuration": "00:00:30"',
  ),
  host('keeping every trace from being sampled', 'Request;Exception;Trace', 'Request;Exception'),
  host('a queue without prefetching', '"prefetchCount": 0', '"prefetchCount": 16'),
  host(
    'completing the message of a handler that returns',
    '"autoCompleteMessages": true',
    '"autoCompleteMessages": false',
  ),
  queue('a lock above the lease', "lockDuration: 'PT3M'", "lockDuration: 'PT30S'"),
  queue('two weeks for a message', "defaultMessageTimeToLive: 'P14D'", "defaultMessageTimeToLive: 'PT1M'"),
  queue('ten deliveries of a message', 'maxDeliveryCount: 10', 'maxDeliveryCount: 1'),
  queue(
    'the dead letter of a message that expired',
    'deadLetteringOnMessageExpiration: true',
    'deadLetteringOnMessageExpiration: false',
  ),
  queue('the duplicate detection of a queue', 'requiresDuplicateDetection: true', 'requiresDuplicateDetection: false'),
  queue(
    'a role on no more than a queue',
    "  scope: queue\n  properties: {\n    principalId: principalId\n    principalType: 'ServicePrincipal'\n    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', serviceBusDataReceiver)",
    "  scope: namespace\n  properties: {\n    principalId: principalId\n    principalType: 'ServicePrincipal'\n    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', serviceBusDataReceiver)",
  ),
  bus(
    'an hour in which a retry is swallowed that is sent twice',
    "{ name: retryQueue, received: true, sent: true, duplicatesFor: 'PT1H' }",
    "{ name: retryQueue, received: true, sent: true, duplicatesFor: 'PT20S' }",
  ),
  bus('a day in which a repeated delivery of Event Grid is swallowed', "duplicatesFor: 'P1D'", "duplicatesFor: 'PT1H'"),
  bus('a bus without keys', 'disableLocalAuth: true', 'disableLocalAuth: false'),
  bus('the firewall of a private bus', "defaultAction: 'Deny'", "defaultAction: 'Allow'"),
  vault('purge protection', 'enablePurgeProtection: true', 'enablePurgeProtection: false'),
  vault('90 days to bring a secret back', 'softDeleteRetentionInDays: 90', 'softDeleteRetentionInDays: 7'),
  vault("the vault's closed door to services of Azure", "bypass: 'None'", "bypass: 'AzureServices'"),
  vault(
    'the audit log of the vault',
    "categoryGroup: 'allLogs', enabled: true",
    "categoryGroup: 'allLogs', enabled: false",
  ),
  storage('a ledger without keys', 'allowSharedKeyAccess: false', 'allowSharedKeyAccess: true'),
  storage('TLS 1.2 before the ledger', "minimumTlsVersion: 'TLS1_2'", "minimumTlsVersion: 'TLS1_0'"),
  storage('the name of the ledger', "name: 'apikeyvending'", "name: 'apikeyvending2'"),
  moduleOf('function')('HTTPS alone', 'httpsOnly: true', 'httpsOnly: false'),
  moduleOf('alerts')(
    'alerts that are on',
    '      severity: rule.severity\n      enabled: true\n      scopes: [workspaceId]',
    '      severity: rule.severity\n      enabled: false\n      scopes: [workspaceId]',
  ),
  moduleOf('alerts')(
    'an alert at the first dead letter',
    "            operator: 'GreaterThan'\n            threshold: 0\n            dimensions: [{ name",
    "            operator: 'GreaterThan'\n            threshold: 100\n            dimensions: [{ name",
  ),
  moduleOf('observability')('logs that nobody writes by key', 'features: { disableLocalAuth: true }', 'features: {}'),
  moduleOf('events')(
    'a day of attempts to deliver an event',
    'eventTimeToLiveInMinutes: 1440',
    'eventTimeToLiveInMinutes: 1',
  ),
  main('roles of Event Grid only where it is asked for', 'param eventGrid bool = false', 'param eventGrid bool = true'),
  main(
    'a right to publish only where a topic is asked for',
    "param eventTopic string = ''",
    "param eventTopic string = 'events'",
  ),
  main(
    'the name under which a later version finds the ledger',
    "param namePrefix string = 'ckvend'",
    "param namePrefix string = 'ckvending'",
  ),
  main(
    'no failover of the ledger',
    "@allowed(['Standard_LRS', 'Standard_ZRS'])",
    "@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS'])",
  ),
  main(
    'what private networking closes',
    'publicAccess: !privateNetworking\n  }\n}\n\nmodule bus',
    'publicAccess: true\n  }\n}\n\nmodule bus',
  ),
  mutantsOf('infra/alerts/outcome-unknown.kql')(
    'the unknown outcomes that an alert reads',
    "state == 'unknown'",
    "state == 'vended'",
  ),
  mutantsOf('infra/queries/keys.kql')(
    'the key of a credential that is being rotated, which lives',
    'countif(isnotempty(secret))',
    "countif(state == 'vended')",
  ),
];
