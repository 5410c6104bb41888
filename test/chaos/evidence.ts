import * as z from 'zod';
import { intentSchema } from '../../src/azure/ledger/intent-schema.ts';
import type { EmulatedAzure } from '../../src/sandbox/azure.ts';
import type { MessageView } from '../../src/sandbox/servicebus/index.ts';
import { WORLD } from '../../src/sandbox/world.ts';
import type { Intent } from '../../src/vending/intent.ts';

export interface LedgerView {
  readonly intents: ReadonlyMap<string, Intent>;
  /** Intents by the time at which the reconciler has to look at them, in milliseconds since the epoch. */
  readonly due: readonly { readonly requestId: string; readonly at: number }[];
  /** Every row as it is, for the search for secrets. */
  readonly text: string;
}

const rowSchema = z.object({ partitionKey: z.string(), rowKey: z.string(), document: z.string().optional() });

/** The ledger, read behind the function's back. */
export async function readLedger({ tables }: EmulatedAzure): Promise<LedgerView> {
  const raw = await tables.rows(WORLD.ledgerTable);
  const rows = raw.map((row) => rowSchema.parse(row));
  const documents = rows.flatMap(({ document }) => (document === undefined ? [] : [JSON.parse(document)]));
  const intents = documents.map((document): Intent => intentSchema.parse(document));
  const due = rows.filter(({ partitionKey }) => partitionKey === 'due').map(({ rowKey }) => rowKey.split('_'));
  return {
    intents: new Map(intents.map((intent) => [intent.id, intent])),
    due: due.map(([time = '', requestId = '']) => ({ requestId, at: Date.parse(time) })),
    text: JSON.stringify(raw),
  };
}

/** The marker with which a key's description ends, taken apart. */
export function markerIn(description: unknown): { readonly requestId: string; readonly attempt: number } | undefined {
  const [, requestId, attempt] = /(?:^| )vend:([a-z2-7]{26})\.(\d+)$/.exec(String(description)) ?? [];
  return requestId === undefined ? undefined : { requestId, attempt: Number(attempt) };
}

const vaultNameOf = (vaultUrl: string): string => new URL(vaultUrl).hostname.split('.')[0] ?? '';

export const versionsOf = ({ vault }: EmulatedAzure, { vaultUrl, secretName }: Intent) =>
  vault.secrets(vaultNameOf(vaultUrl), secretName) ?? [];

/** How long the function itself puts anything off that somebody waits for, and more. */
const LONGEST_WAIT_MS = 120_000;

/**
 * What a queue holds that is to be worked on now. Key Vault says of secrets that hold for a month that they near their
 * end as soon as they are made; the function puts such hints off for days.
 */
export const toBeWorkedOn = ({ broker, clock }: EmulatedAzure, queue: string): readonly MessageView[] =>
  (broker.view(queue)?.messages ?? []).filter(
    ({ scheduledEnqueueTimeUtc: at }) => at === undefined || Date.parse(at) < clock.now() + LONGEST_WAIT_MS,
  );

/** Messages still to be worked on. */
export const backlog = (azure: EmulatedAzure): number =>
  [WORLD.queues.request, WORLD.queues.retry].reduce((sum, queue) => sum + toBeWorkedOn(azure, queue).length, 0);

const copySchema = z.object({ envelope: z.object({ messageId: z.string() }) });

/** The senders' ids of messages that were taken too often without being settled, as a crash does it. */
export function deadLetters({ broker }: EmulatedAzure): ReadonlySet<string> {
  const dead = [WORLD.queues.request, WORLD.queues.retry].flatMap((queue) => broker.view(queue)?.deadLetters ?? []);
  return new Set(
    dead.map(({ messageId, body }) => copySchema.safeParse(body).data?.envelope.messageId ?? messageId ?? ''),
  );
}
