import { randomUUID } from 'node:crypto';
import type { SecretEvent } from '../vault/secret-events.ts';
import { type GridEvent, gridTime } from './grid-event.ts';

/** The published property table calls NBF and EXP numbers, the published samples show strings; unset they are null. */
export type TimestampForm = 'number' | 'string';

export interface VaultScope {
  readonly subscriptionId: string;
  readonly resourceGroupName: string;
}

/** The event in both schemas. Source: https://learn.microsoft.com/azure/event-grid/event-schema-key-vault */
export function keyVaultEvent(event: SecretEvent, scope: VaultScope, form: TimestampForm): GridEvent {
  const { vault, name, version } = event;
  const timestamp = (seconds: number | undefined): number | string | null =>
    seconds === undefined ? null : form === 'string' ? String(seconds) : seconds;
  const id = randomUUID();
  const type = `Microsoft.KeyVault.Secret${event.kind}`;
  const topic = `/subscriptions/${scope.subscriptionId}/resourceGroups/${scope.resourceGroupName}/providers/Microsoft.KeyVault/vaults/${vault}`;
  const time = gridTime(event.at);
  const data = {
    Id: `https://${vault}.vault.azure.net/secrets/${name}/${version.version}`,
    VaultName: vault,
    ObjectType: 'Secret',
    ObjectName: name,
    Version: version.version,
    NBF: timestamp(version.nbf),
    EXP: timestamp(version.exp),
  };
  return {
    cloudEvent: { id, source: topic, specversion: '1.0', type, subject: name, time, data },
    eventGridEvent: {
      ...{ id, topic, subject: name, eventType: type, eventTime: time, data },
      ...{ dataVersion: '1', metadataVersion: '1' },
    },
  };
}
