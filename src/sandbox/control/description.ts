import type { Controlled } from '../azure/controlled.ts';
import { eventTopicUrl, tableUrl, vaultUrl, WORLD } from '../azure/world.ts';

/** The answer to `GET /`: the addresses of everything. `vaultUrl` and `tableUrl` names work through the TLS rig. */
export function describeSandbox({ azure, functionUrl }: Controlled, control: string): object {
  const loopback = (port: number): string => `https://127.0.0.1:${port}`;
  return {
    function: functionUrl() ?? null,
    control,
    caFile: azure.caFile,
    arm: { url: loopback(azure.arm.port) },
    keyVault: { url: loopback(azure.vault.port), vaults: WORLD.vaults.map(vaultUrl) },
    storage: {
      tableUrl: `${loopback(azure.tables.port)}/${WORLD.storageAccount}`,
      account: tableUrl(WORLD.storageAccount),
    },
    entra: {
      issuer: `https://login.microsoftonline.com/${WORLD.tenantId}/v2.0`,
      audience: WORLD.audience,
      url: loopback(azure.entraPort),
    },
    serviceBus: {
      connectionString: azure.broker.connectionString,
      requestQueue: WORLD.queues.request,
      retryQueue: WORLD.queues.retry,
      resultQueue: WORLD.queues.result,
      replyQueues: [WORLD.queues.reply],
      eventQueue: WORLD.queues.events,
      eventTopic: WORLD.busTopic.name,
    },
    eventGrid: {
      url: loopback(azure.eventGrid.port),
      topicUrl: eventTopicUrl(WORLD.eventTopics.out),
      customTopicUrl: eventTopicUrl(WORLD.eventTopics.custom),
    },
  };
}
