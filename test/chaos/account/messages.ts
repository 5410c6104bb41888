import { DUPLICATE_WINDOW_MS, type EmulatedAzure } from '../../../src/sandbox/azure/azure.ts';
import { WORLD } from '../../../src/sandbox/azure/world.ts';
import type { ChangeMessage } from '../changes/by-queue.ts';
import type { Asked } from '../changes/change.ts';
import type { LedgerView } from '../evidence.ts';
import { type Message, type Order, QUEUE } from '../orders.ts';
import { deadLetters, messagesWithin, type Reply, repliesIn } from '../queues.ts';
import { contradictions } from './claims.ts';

interface Sent {
  readonly asked: Asked;
  readonly message: Message;
}

const HOUR_MS = 3_600_000;

/**
 * Every message was answered where it asked to be: once, or once that it failed and once that it was served. A message that
 * is sent again is another one, which has a sequence number of its own.
 */
export function accountForMessages(
  azure: EmulatedAzure,
  orders: readonly Order[],
  changes: readonly ChangeMessage[],
  ledger: LedgerView,
): string[] {
  const dead = deadLetters(azure);
  const given = Map.groupBy(repliesIn(azure), ({ view }) => view.correlationId);
  const vends = orders.flatMap((order): Sent[] =>
    order.kind === 'queue'
      ? order.messages.map((message) => ({ asked: { operation: 'vend', id: order.id }, message }))
      : [],
  );
  const sent = [...vends, ...changes.map(({ change, message }): Sent => ({ asked: change, message }))];
  const left = messagesWithin(azure, HOUR_MS);
  return [
    ...sent.flatMap((each) => {
      const { messageId } = each.message;
      return accountForMessage(each, withinWindow(given.get(messageId) ?? []), dead.has(messageId), ledger);
    }),
    ...left.map(({ messageId, state }) => `message ${messageId} is still ${state}`),
  ];
}

/** A slow run outlasts the window of duplicate detection. The broker may then keep the same answer twice. */
function withinWindow(replies: readonly Reply[]): readonly Reply[] {
  const firstAt = new Map<string | undefined, number>();
  return replies.filter(({ view: { messageId, enqueuedTimeUtc } }) => {
    const at = Date.parse(enqueuedTimeUtc);
    const first = firstAt.get(messageId) ?? at;
    firstAt.set(messageId, first);
    return at === first || at - first < DUPLICATE_WINDOW_MS;
  });
}

function accountForMessage(
  { asked, message }: Sent,
  replies: readonly Reply[],
  isDead: boolean,
  ledger: LedgerView,
): string[] {
  const { messageId, replyTo = WORLD.queues.result } = message;
  const who = `message ${messageId}`;
  if (!isOneOfAKind(replies) && !(replies.length === 0 && isDead)) {
    const each = replies.map(({ view }) => `${view.subject} ${view.messageId} ${view.enqueuedTimeUtc}`);
    return [`${who} has ${replies.length} replies: ${each.join(', ')}`];
  }
  return replies.flatMap(({ queue, view: { subject = '', body } }) => [
    ...(queue === replyTo ? [] : [`${who} was answered on ${queue}`]),
    ...(isExpected(asked, subject) ? [] : [`${who} was answered ${subject}`]),
    ...(isServed(body) ? contradictions({ who, asked, caller: QUEUE, body }, ledger) : []),
  ]);
}

/**
 * A failure that was answered may turn into a success when the message is delivered again. It may also turn into "revoked",
 * which counts as served: there had been a key.
 */
function isOneOfAKind(replies: readonly Reply[]): boolean {
  const kindOf = ({ view: { applicationProperties, body, subject } }: Reply): string =>
    `${applicationProperties.sequenceNumber} ${isServed(body) || subject === 'revoked' ? 'served' : 'failed'}`;
  return replies.length > 0 && new Set(replies.map(kindOf)).size === replies.length;
}

/** Every failure is a problem. */
const isServed = (body: unknown): boolean => typeof body !== 'object' || body === null || !('type' in body);

/** A revocation is answered when it is done. The end of an overlap is answered as soon as it is recorded. */
function isExpected({ operation }: Asked, subject: string): boolean {
  switch (operation) {
    case 'vend':
      return subject !== 'rotated';
    case 'rotate':
      return subject !== 'vended';
    case 'end-overlap':
      return subject === 'overlap-ended';
    case 'revoke':
      return subject === 'revoked';
  }
}
