/** The emulated world: the one that ARM's published example speaks of, and the names that the sandbox gives the rest. */
export const WORLD = {
  tenantId: '11111111-1111-1111-1111-111111111111',
  audience: 'api://confluent-api-key-vending',
  operatorRole: 'KeyVending.Operator',
  /** The portal of the sample policy: who a token is for unless asked otherwise. */
  portalOid: '22222222-2222-2222-2222-222222222222',
  /** The function's own managed identity. */
  functionOid: '33333333-3333-3333-3333-333333333333',
  functionClientId: '44444444-4444-4444-4444-444444444444',
  /** May do everything in the vaults, for people who try a recovery. */
  vaultOfficerOid: '66666666-6666-6666-6666-666666666666',
  /** Event Grid's service principal in the tenant, and the app role that a webhook's owner has assigned to it. */
  eventGridOid: '55555555-5555-5555-5555-555555555555',
  eventSenderRole: 'KeyVending.EventSender',
  region: 'westeurope',
  target: {
    subscriptionId: '00000000-0000-0000-0000-000000000000',
    resourceGroupName: 'myResourceGroup',
    organizationName: 'myOrganization',
    environmentId: 'env-12132',
    clusterId: 'clusterId-123',
  },
  vaults: ['sandbox-vault', 'sandbox-payments'],
  storageAccount: 'sandboxledger',
  ledgerTable: 'apikeyvending',
  queues: {
    request: 'vend-requests',
    retry: 'vend-retries',
    result: 'vend-results',
    reply: 'portal-replies',
    events: 'vend-events',
  },
  /** Service Bus topic for events out, and the one subscription to it. */
  busTopic: { name: 'vend-events-out', subscription: 'everything' },
  /** Event Grid topics: for events that others send in, and for those that the function sends out. */
  eventTopics: { custom: 'sandbox-requests', out: 'sandbox-events' },
} as const;

export const vaultUrl = (vault: string): string => `https://${vault}.vault.azure.net`;
export const tableUrl = (account: string): string => `https://${account}.table.core.windows.net`;
/** For `EVENT_TOPIC_ENDPOINT`. */
export const eventTopicUrl = (topic: string): string =>
  `https://${topic}.${WORLD.region}-1.eventgrid.azure.net/api/events`;
