import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatedAzure } from '../../../src/sandbox/azure.ts';
import { WORLD } from '../../../src/sandbox/world.ts';
import type { ChangeMessage } from '../changes/by-queue.ts';
import { readLedger, versionsOf } from '../evidence.ts';
import type { Conversation } from '../http-client.ts';
import type { LeakSearch } from '../leaks.ts';
import type { Order } from '../orders.ts';
import type { Trail } from '../trail.ts';
import type { Watch } from '../watch.ts';
import { accountForConversations } from './answers.ts';
import { accountForTrail, lostRecords, unexplained } from './audit.ts';
import { accountForKeys } from './keys.ts';
import { accountForMessages } from './messages.ts';

export interface Evidence {
  readonly azure: EmulatedAzure;
  readonly orders: readonly Order[];
  readonly changes: readonly ChangeMessage[];
  readonly watch: Watch;
  readonly conversations: readonly Conversation[];
  readonly trail: Trail;
  readonly leaks: LeakSearch;
  /** When an instance was killed or the ledger's table misbehaved, in milliseconds since the epoch. */
  readonly silencers: readonly number[];
}

const SECOND_LOOK_MS = 3_000;

/**
 * Everything that does not add up, each in one sentence. Overlaps end meanwhile, and what moves at the moment of a look
 * does not add up then: only what a second look finds again is said.
 */
export async function account(evidence: Evidence): Promise<string[]> {
  const first = await look(evidence);
  if (first.length === 0) return first;
  await sleep(SECOND_LOOK_MS);
  const second = new Set(await look(evidence));
  return first.filter((discrepancy) => second.has(discrepancy));
}

async function look(evidence: Evidence): Promise<string[]> {
  const { azure, orders, changes, conversations, trail, leaks, silencers, watch } = evidence;
  const ledger = await readLedger(azure);
  const intents = [...ledger.intents.values()];
  const { broker } = azure;
  leaks.look('the ledger', ledger.text);
  for (const queue of Object.values(WORLD.queues)) leaks.look(`the queue ${queue}`, JSON.stringify(broker.view(queue)));
  const versions = intents.flatMap((intent) => versionsOf(azure, intent));
  leaks.look('a tag', JSON.stringify(versions.map(({ tags }) => tags)));
  return [
    ...accountForKeys(azure, ledger),
    ...accountForConversations(conversations, ledger),
    ...accountForMessages(azure, orders, changes, ledger),
    ...accountForTrail(trail.records, ledger, silencers),
    ...unexplained(lostRecords(trail.records), silencers),
    ...watch.violations,
    ...trail.defects.map((defect) => `the function met a defect: ${defect.slice(0, 300)}`),
    ...leaks.found(azure.arm.keys().map(({ secret }) => secret)).map((where) => `a secret is in ${where}`),
  ];
}
