import type { EmulatedAzure } from '../../../src/sandbox/azure/azure.ts';
import { statusOf } from '../../../src/vending/model/credential.ts';
import type { ChangeMessage } from '../changes/by-queue.ts';
import { readLedger, versionsOf } from '../evidence.ts';
import type { Conversation } from '../http-client.ts';
import type { Order } from '../orders.ts';
import { eventsIn, textOfQueues } from '../queues.ts';
import type { Trail } from '../trail.ts';
import type { Watch } from '../watch.ts';
import { accountForConversations } from './answers.ts';
import { accountForTrail } from './audit.ts';
import { accountForBulks } from './bulks.ts';
import { accountForEvents } from './events.ts';
import { accountForKeys } from './keys.ts';
import { accountForMessages } from './messages.ts';
import { accountForRows } from './rows.ts';

export interface Evidence {
  readonly azure: EmulatedAzure;
  readonly orders: readonly Order[];
  readonly changes: readonly ChangeMessage[];
  readonly watch: Watch;
  readonly conversations: readonly Conversation[];
  readonly trail: Trail;
}

/** Everything that does not add up, each in one sentence. Nothing may be under way. */
export async function account({ azure, orders, changes, conversations, trail, watch }: Evidence): Promise<string[]> {
  const ledger = await readLedger(azure);
  const credentials = [...ledger.credentials.values()];
  const { leaks, records, bulks, defects } = trail;
  leaks.look('the ledger', ledger.text);
  for (const [queue, text] of textOfQueues(azure)) leaks.look(`the queue ${queue}`, text);
  const versions = credentials.flatMap((credential) => versionsOf(azure, credential));
  leaks.look('a tag', JSON.stringify(versions.map(({ tags }) => tags)));
  return [
    ...accountForKeys(azure, ledger),
    ...accountForRows(ledger),
    ...accountForConversations(conversations, ledger),
    ...accountForMessages(azure, orders, changes, ledger),
    ...accountForTrail(records, ledger),
    ...accountForBulks(ledger, bulks),
    ...accountForEvents(eventsIn(azure), records),
    ...watch.violations,
    ...defects.map((defect) => `the function met a defect: ${defect.slice(0, 300)}`),
    ...leaks.found(azure.arm.keys().map(({ secret }) => secret)).map((where) => `a secret is in ${where}`),
  ];
}

/** Credentials that still wait for a person, or are not revoked to the end, after everything was resolved. */
export async function leftToOperators(azure: EmulatedAzure): Promise<string[]> {
  const { credentials } = await readLedger(azure);
  return [...credentials.values()]
    .filter((credential) => credential.work?.phase === 'unknown' || statusOf(credential) === 'revoking')
    .map((credential) => `credential ${credential.id} is still ${credential.work?.phase ?? 'revoking'}`);
}
