import { fileURLToPath } from 'node:url';
import { TLS_ROUTES_VARIABLE } from '../tls/routes.ts';
import { tableUrl, vaultUrl, WORLD } from './world.ts';

export interface Endpoints {
  readonly caFile: string;
  readonly identity: { readonly endpoint: string; readonly header: string };
  readonly busConnectionString: string;
  readonly ports: {
    readonly arm: number;
    readonly vault: number;
    readonly table: number;
    readonly entra: number;
    readonly eventGrid: number;
  };
}

const projectFile = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** A module for `node --import`. With it, production host names lead to the emulators and nowhere else. */
export const RIG = new URL('../tls/rig.ts', import.meta.url).href;

/** Another one. With it, the process lives on the sandbox's clock. */
export const CLOCK_PRELOAD = new URL('../clock/preload.ts', import.meta.url).href;

/** The function's app settings, as they would be in Azure. Only the last two lead it into the sandbox. */
export function appSettings({ caFile, identity, busConnectionString, ports }: Endpoints): Record<string, string> {
  const { target, queues } = WORLD;
  return {
    AZURE_CLIENT_ID: WORLD.functionClientId,
    IDENTITY_ENDPOINT: identity.endpoint,
    IDENTITY_HEADER: identity.header,
    ENTRA_TENANT_ID: WORLD.tenantId,
    ENTRA_AUDIENCE: WORLD.audience,
    OPERATOR_ROLE: WORLD.operatorRole,
    POLICY_FILE: projectFile('infra/policy.sample.jsonc'),
    CONFLUENT_SUBSCRIPTION_ID: target.subscriptionId,
    CONFLUENT_RESOURCE_GROUP: target.resourceGroupName,
    CONFLUENT_ORGANIZATION: target.organizationName,
    KEY_VAULT_URL: vaultUrl(WORLD.vaults[0]),
    LEDGER_TABLE_ENDPOINT: tableUrl(WORLD.storageAccount),
    LEDGER_TABLE_NAME: WORLD.ledgerTable,
    ServiceBusConnection: busConnectionString,
    REQUEST_QUEUES: queues.request,
    RETRY_QUEUE: queues.retry,
    RESULT_QUEUE: queues.result,
    REPLY_QUEUES: queues.reply,
    EVENT_QUEUE: queues.events,
    NODE_EXTRA_CA_CERTS: caFile,
    [TLS_ROUTES_VARIABLE]: JSON.stringify({
      'management.azure.com': ports.arm,
      '*.vault.azure.net': ports.vault,
      [`${WORLD.storageAccount}.table.core.windows.net`]: ports.table,
      'login.microsoftonline.com': ports.entra,
      [`*.${WORLD.region}-1.eventgrid.azure.net`]: ports.eventGrid,
      [`rp-${WORLD.region}.eventgrid.azure.net`]: ports.eventGrid,
    }),
  };
}

/** `local.settings.json` for Core Tools. The same module leads their worker into the sandbox. */
export function localSettings(settings: Readonly<Record<string, string>>): object {
  return {
    IsEncrypted: false,
    Values: {
      FUNCTIONS_WORKER_RUNTIME: 'node',
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      languageWorkers__node__arguments: `--import=${RIG}`,
      ...settings,
    },
  };
}
