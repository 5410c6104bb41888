import type { EmulatedAzure } from '../../../src/sandbox/azure.ts';
import { WORLD } from '../../../src/sandbox/world.ts';
import { readLedger, versionsOf } from '../evidence.ts';
import type { Conversation } from '../http-client.ts';
import type { LeakSearch } from '../leaks.ts';
import type { Order } from '../orders.ts';
import type { Trail } from '../trail.ts';
import { accountForConversations, accountForMessages } from './answers.ts';
import { accountForTrail, lostRecords, unexplained } from './audit.ts';
import { accountForKeys } from './keys.ts';

export interface Evidence {
  readonly azure: EmulatedAzure;
  readonly orders: readonly Order[];
  readonly conversations: readonly Conversation[];
  readonly trail: Trail;
  readonly leaks: LeakSearch;
  readonly killedAt: readonly number[];
}

/** Everything that does not add up, each in one sentence. */
export async function account(evidence: Evidence): Promise<string[]> {
  const { azure, orders, conversations, trail, leaks, killedAt } = evidence;
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
    ...accountForMessages(azure, orders, ledger),
    ...accountForTrail(trail.records, ledger),
    ...unexplained(lostRecords(trail.records), killedAt),
    ...trail.defects.map((defect) => `the function met a defect: ${defect.slice(0, 300)}`),
    ...leaks.found(azure.arm.keys().map(({ secret }) => secret)).map((where) => `a secret is in ${where}`),
  ];
}
