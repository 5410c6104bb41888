import type { Fault, Parameters } from './predict.ts';
import { THEIR_SUBSCRIPTION, VARIANTS } from './variants.ts';

interface Planted extends Fault {
  readonly fault: string;
  readonly given?: Partial<Parameters>;
  readonly complaint: string;
}

/** Faults of infra/ that compile, and what must be said of them. */
export const PLANTED: readonly Planted[] = [
  {
    fault: 'a role too many',
    path: 'modules/bus.bicep',
    passage: '{ name: resultQueue, received: false',
    by: '{ name: resultQueue, received: true',
    complaint: 'nobody needs function: serviceBusDataReceiver on queues/vend-results',
  },
  {
    fault: 'a role on more than the table',
    path: 'modules/storage.bicep',
    passage: 'scope: ledger\n',
    by: 'scope: account\n',
    complaint: 'nobody needs function: Key vending ledger writer on storageAccounts/*',
  },
  {
    fault: 'a right to delete the table',
    path: 'modules/storage.bicep',
    passage: 'actions: []',
    by: "actions: ['Microsoft.Storage/storageAccounts/tableServices/tables/delete']",
    complaint: 'Key vending ledger writer allows Microsoft.Storage/storageAccounts/tableServices/tables/delete',
  },
  {
    fault: 'a right to read secrets',
    path: 'modules/vault-writer.bicep',
    passage: "'Microsoft.KeyVault/vaults/secrets/update/action'\n",
    by: "'Microsoft.KeyVault/vaults/secrets/*'\n",
    complaint: 'Key vending secret writer allows Microsoft.KeyVault/vaults/secrets/*',
  },
  {
    fault: 'a role in the wrong group',
    path: 'main.bicep',
    passage: 'scope: resourceGroup(confluentSubscriptionId, confluentResourceGroup)',
    by: 'scope: resourceGroup(confluentResourceGroup)',
    given: VARIANTS['an organization in another subscription'],
    complaint: `is not in /subscriptions/${THEIR_SUBSCRIPTION}/`,
  },
  {
    fault: 'a lock of 30 seconds',
    path: 'modules/queue.bicep',
    passage: "lockDuration: 'PT3M'",
    by: "lockDuration: 'PT30S'",
    complaint: 'the lock must be longer than a lease',
  },
  {
    fault: 'duplicates swallowed for 20 seconds on retries',
    path: 'modules/bus.bicep',
    passage: "{ name: retryQueue, received: true, sent: true, duplicatesFor: 'PT1H' }",
    by: "{ name: retryQueue, received: true, sent: true, duplicatesFor: 'PT20S' }",
    complaint: 'vend-retries: duplicates must be swallowed for 1 hours',
  },
  {
    fault: "duplicates swallowed for an hour where Event Grid's repetitions come for a day",
    path: 'modules/bus.bicep',
    passage: "duplicatesFor: 'P1D'",
    by: "duplicatesFor: 'PT1H'",
    given: { eventGrid: true },
    complaint: 'vend-events: duplicates must be swallowed for 24 hours',
  },
  {
    fault: 'a time to live of a minute',
    path: 'modules/queue.bicep',
    passage: "defaultMessageTimeToLive: 'P14D'",
    by: "defaultMessageTimeToLive: 'PT1M'",
    complaint: 'vend-requests: keep messages 14 days',
  },
  {
    fault: 'one delivery of each message',
    path: 'modules/queue.bicep',
    passage: 'maxDeliveryCount: 10',
    by: 'maxDeliveryCount: 1',
    complaint: 'vend-requests: messages must come back',
  },
  {
    fault: 'a closed bus that keeps Event Grid out',
    path: 'modules/bus.bicep',
    passage: 'trustedServiceAccessEnabled: true',
    by: 'trustedServiceAccessEnabled: false',
    given: { privateNetworking: true },
    complaint: 'trustedServiceAccessEnabled is false, not true',
  },
  {
    fault: 'a zone in which no name of a vault stands',
    path: 'modules/network.bicep',
    passage: 'privatelink.vaultcore.azure.net',
    by: 'privatelink.vaults.azure.net',
    given: { privateNetworking: true },
    complaint: 'there is no privatelink.vaultcore.azure.net',
  },
  {
    fault: 'a public vault under private networking',
    path: 'modules/vault.bicep',
    passage: "publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'",
    by: "publicNetworkAccess: 'Enabled'",
    given: { privateNetworking: true },
    complaint: 'publicNetworkAccess is Enabled, not Disabled',
  },
  {
    fault: 'a service without a private endpoint',
    path: 'modules/network.bicep',
    passage: "group: 'table'",
    by: "group: 'file'",
    given: { privateNetworking: true },
    complaint: 'there is no table',
  },
  {
    fault: 'callers that nobody allowed',
    path: 'modules/function.bicep',
    passage: "empty(allowedCallers) ? 'Allow' : 'Deny'",
    by: "'Allow'",
    given: VARIANTS['restricted callers'],
    complaint: 'the function says Allow to everybody else',
  },
  {
    fault: 'keys of the storage account',
    path: 'modules/storage.bicep',
    passage: 'allowSharedKeyAccess: false',
    by: 'allowSharedKeyAccess: true',
    complaint: 'allowSharedKeyAccess is true, not false',
  },
  {
    fault: 'passwords on one of two ways',
    path: 'modules/function.bicep',
    passage: "  name: 'ftp'\n  properties: { allow: false }",
    by: "  name: 'ftp'\n  properties: { allow: true }",
    complaint: '/ftp: allow is true, not false',
  },
  {
    fault: 'a property that Flex Consumption refuses',
    path: 'modules/function.bicep',
    passage: "      minTlsVersion: '1.2'\n",
    by: "      minTlsVersion: '1.2'\n      ftpsState: 'Disabled'\n",
    complaint: 'siteConfig.ftpsState is Disabled',
  },
  {
    fault: 'a setting with a name that Linux cuts',
    path: 'main.bicep',
    passage: '  MODE: mode\n',
    by: "  MODE: mode\n  AzureFunctionsJobHost__logging__applicationInsights__samplingSettings__excludedTypes: 'Trace'\n",
    complaint: 'is longer than 53',
  },
  {
    fault: 'a queue that the function does not know',
    path: 'main.bicep',
    passage: 'REPLY_QUEUES: join(replyQueues',
    by: 'REPLY_QUEUES: join(requestQueues',
    given: VARIANTS["two teams' queues"],
    complaint: 'REPLY_QUEUES is vend-payments,vend-search, not payments-answers,search-answers',
  },
  {
    fault: 'a setting that stops the function at its start',
    path: 'main.bicep',
    passage: "AZURE_CREDENTIAL: 'managed-identity'",
    by: "AZURE_CREDENTIAL: 'managedidentity'",
    complaint: 'AZURE_CREDENTIAL: must be managed-identity or azure-cli',
  },
  {
    fault: 'a name that Azure does not take',
    path: 'main.bicep',
    passage: 'var prefix = toLower(namePrefix)',
    by: 'var prefix = toUpper(namePrefix)',
    complaint: 'Microsoft.Storage/storageAccounts takes no name "CKVEND',
  },
];
