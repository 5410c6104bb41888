import { DUPLICATE_WINDOW_MS, type EmulatedAzure } from '../../../src/sandbox/azure.ts';
import type { MessageView } from '../../../src/sandbox/servicebus/index.ts';
import { WORLD } from '../../../src/sandbox/world.ts';
import type { ChangeMessage } from '../changes/by-queue.ts';
import { deadLetters, type LedgerView, toBeWorkedOn } from '../evidence.ts';
import type { Message, Order } from '../orders.ts';
import { generationOf } from './lineage.ts';
import { differs, requestIdIn } from './told.ts';

type Operation = 'vend' | ChangeMessage['operation'];

interface Asked {
  readonly operation: Operation;
  readonly requestId: string;
  readonly message: Message;
}

interface Reply {
  readonly queue: string;
  readonly view: MessageView;
}

/** Every message was answered, once or once of each kind, where it asked to be; nothing is left behind. */
export function accountForMessages(
  azure: EmulatedAzure,
  orders: readonly Order[],
  changes: readonly ChangeMessage[],
  ledger: LedgerView,
): string[] {
  const { request, retry, result, reply } = WORLD.queues;
  const dead = deadLetters(azure);
  const given = Map.groupBy(
    [result, reply].flatMap((queue) =>
      (azure.broker.view(queue)?.messages ?? []).map((view): Reply => ({ queue, view })),
    ),
    ({ view }) => view.correlationId,
  );
  const vends = orders.flatMap((order): Asked[] =>
    order.kind === 'queue'
      ? order.messages.map((message) => ({ operation: 'vend', requestId: order.requestId, message }))
      : [],
  );
  return [
    ...[...vends, ...changes].flatMap((asked) => {
      const { messageId } = asked.message;
      return answeredOnce(asked, withinWindow(given.get(messageId) ?? []), dead.has(messageId), ledger);
    }),
    ...[request, retry].flatMap((queue) =>
      toBeWorkedOn(azure, queue).map(({ messageId, state }) => `${queue} still holds ${messageId} (${state})`),
    ),
  ];
}

/** A run that a slow machine draws out outlasts the window: what the broker then keeps twice is the same answer. */
function withinWindow(replies: readonly Reply[]): readonly Reply[] {
  const [first] = replies;
  if (first === undefined) return replies;
  const sentAt = ({ view }: Reply): number => Date.parse(view.enqueuedTimeUtc);
  const isRepeated = (reply: Reply): boolean =>
    reply.view.messageId === first.view.messageId && sentAt(reply) - sentAt(first) >= DUPLICATE_WINDOW_MS;
  return replies.filter((reply) => !isRepeated(reply));
}

function answeredOnce(
  { operation, requestId, message }: Asked,
  replies: readonly Reply[],
  isDead: boolean,
  ledger: LedgerView,
): string[] {
  const { messageId, replyTo = WORLD.queues.result } = message;
  const who = `message ${messageId}`;
  if (!isOneOfAKind(replies) && !(replies.length === 0 && isDead)) {
    const each = replies.map(
      ({ view: { subject, messageId: id, enqueuedTimeUtc } }) => `${subject} ${id} ${enqueuedTimeUtc}`,
    );
    return [`${who} has ${replies.length} replies: ${each.join(', ')}`];
  }
  return replies.flatMap(({ queue, view: { subject, body } }) => [
    ...(queue === replyTo ? [] : [`${who} was answered on ${queue}`]),
    ...(subject === 'vended' ? [...differs(who, body, ledger), ...strange(who, requestId, body, ledger)] : []),
    ...(operation === 'revoke' && !REVOKED.has(subject ?? '') ? [`${who} was answered ${subject}`] : []),
  ]);
}

/** A failure that was answered may turn into a success, which nobody would hear of under the same id. */
function isOneOfAKind(replies: readonly Reply[]): boolean {
  const served = replies.filter(({ view }) => SERVED.has(view.subject ?? ''));
  return replies.length > 0 && served.length <= 1 && replies.length - served.length <= 1;
}

const SERVED: ReadonlySet<string> = new Set(['vended', 'revoked', 'previewed']);

/** Confluent refused the delete: the key is put off, and an operator asks again. */
const REVOKED: ReadonlySet<string> = new Set(['revoked', 'upstream-forbidden']);

const strange = (who: string, requestId: string, body: unknown, ledger: LedgerView): string[] =>
  generationOf(ledger, requestId, requestIdIn(body) ?? '') === undefined
    ? [`${who} was answered with the key of another request`]
    : [];
