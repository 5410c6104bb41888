import { isDeepStrictEqual } from 'node:util';
import type { EmulatedAzure } from '../../../src/sandbox/azure.ts';
import type { MessageView } from '../../../src/sandbox/servicebus/index.ts';
import { WORLD } from '../../../src/sandbox/world.ts';
import { buildResult } from '../../../src/vending/result.ts';
import { isVended } from '../../../src/vending/saga/outcome.ts';
import { deadLetters, type LedgerView } from '../evidence.ts';
import type { Answer, Conversation } from '../http-client.ts';
import type { Message, Order } from '../orders.ts';

/** Every client got one final answer, and whoever was told `vended` was told what the ledger says. */
export function accountForConversations(conversations: readonly Conversation[], ledger: LedgerView): string[] {
  const ended = conversations.flatMap(({ order, ended: over, answers }) =>
    over ? [] : [`HTTP ${order.key} has no final answer; the last was ${answers.at(-1)?.outcome ?? 'none'}`],
  );
  const byKey = Map.groupBy(conversations, ({ order }) => order.requestId);
  return [...ended, ...[...byKey].flatMap(([requestId, all]) => contradictions(requestId, all, ledger))];
}

function contradictions(requestId: string, conversations: readonly Conversation[], ledger: LedgerView): string[] {
  const answers = conversations.flatMap((conversation) => conversation.answers);
  const vended = answers.filter(({ outcome }) => outcome === 'vended');
  const since = Math.min(...vended.map(({ arrivedAt }) => arrivedAt));
  const after = answers.filter((answer) => answer.askedAt > since && !mayFollowVended(answer));
  return [
    ...answers.filter(({ status }) => status === 500).map(() => `HTTP ${requestId} met a defect (500)`),
    ...after.map(({ outcome }) => `HTTP ${requestId} was answered ${outcome} after it had been vended`),
    ...vended.flatMap(({ body }) => differs(`HTTP ${requestId}`, requestId, body, ledger)),
  ];
}

/** Where a service is out of reach that is said, whatever was said before. */
const mayFollowVended = ({ outcome, status }: Answer): boolean => outcome === 'vended' || status === 503;

function differs(who: string, requestId: string, body: unknown, { intents }: LedgerView): string[] {
  const intent = intents.get(requestId);
  const same = intent !== undefined && isVended(intent) && isDeepStrictEqual(body, buildResult(intent));
  return same ? [] : [`${who} was told vended, and the ledger says ${intent?.state.kind ?? 'nothing'} or another key`];
}

/** Every message was answered exactly once, where it asked to be; nothing is left behind. */
export function accountForMessages(azure: EmulatedAzure, orders: readonly Order[], ledger: LedgerView): string[] {
  const views = (queue: string): readonly MessageView[] => azure.broker.view(queue)?.messages ?? [];
  const { request, retry, result, reply } = WORLD.queues;
  const dead = deadLetters(azure);
  const given = Map.groupBy(
    [result, reply].flatMap((queue) => views(queue).map((view) => ({ queue, view }))),
    ({ view }) => view.correlationId,
  );
  const answeredOnce = ({ messageId, replyTo = result }: Message, requestId: string): string[] => {
    const replies = given.get(messageId) ?? [];
    if (replies.length !== 1 && !(replies.length === 0 && dead.has(messageId))) {
      return [
        `message ${messageId} has ${replies.length} replies: ${replies.map(({ view }) => view.subject).join(', ')}`,
      ];
    }
    return replies.flatMap(({ queue, view }) => [
      ...(queue === replyTo ? [] : [`message ${messageId} was answered on ${queue}`]),
      ...(view.subject === 'vended' ? differs(`message ${messageId}`, requestId, view.body, ledger) : []),
    ]);
  };
  return [
    ...orders.flatMap((order) =>
      order.kind === 'queue' ? order.messages.flatMap((message) => answeredOnce(message, order.requestId)) : [],
    ),
    ...[request, retry].flatMap((queue) =>
      views(queue).map(({ messageId, state }) => `${queue} still holds ${messageId} (${state})`),
    ),
  ];
}
