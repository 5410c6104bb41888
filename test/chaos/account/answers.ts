import type { LedgerView } from '../evidence.ts';
import type { Answer, Conversation } from '../http-client.ts';
import type { Question } from '../questions.ts';
import { generationOf } from './lineage.ts';
import { differs, requestIdIn } from './told.ts';

/** Every client got one final answer, and whoever was told `vended` was told what the ledger says. */
export function accountForConversations(conversations: readonly Conversation[], ledger: LedgerView): string[] {
  const ended = conversations.flatMap(({ question, ended: over, answers }) =>
    over ? [] : [`${nameOf(question)} has no final answer; the last was ${answers.at(-1)?.outcome ?? 'none'}`],
  );
  const byQuestion = Map.groupBy(conversations, ({ question }) => nameOf(question));
  const revokedAt = revocations(conversations);
  return [...ended, ...[...byQuestion.values()].flatMap((all) => contradictions(all, revokedAt, ledger))];
}

const nameOf = ({ operation, requestId }: Question): string => `HTTP ${operation} ${requestId}`;

/** When somebody first was told that it is done, by request. */
function revocations(conversations: readonly Conversation[]): ReadonlyMap<string, number> {
  const revoked = new Map<string, number>();
  for (const { question, answers } of conversations) {
    for (const { outcome, arrivedAt } of answers) {
      if (question.operation !== 'revoke' || outcome !== 'revoked') continue;
      revoked.set(question.requestId, Math.min(arrivedAt, revoked.get(question.requestId) ?? Number.POSITIVE_INFINITY));
    }
  }
  return revoked;
}

function contradictions(
  conversations: readonly Conversation[],
  revokedAt: ReadonlyMap<string, number>,
  ledger: LedgerView,
): string[] {
  const [first] = conversations;
  if (first === undefined) return [];
  const { operation, requestId } = first.question;
  const who = nameOf(first.question);
  const answers = conversations.flatMap((conversation) => conversation.answers);
  const done = answers.filter(({ outcome }) => outcome === DONE[operation]);
  const since = Math.min(...done.map(({ arrivedAt }) => arrivedAt));
  const isRevoked = revokedAt.has(requestId);
  const gone = revokedAt.get(requestId) ?? Number.POSITIVE_INFINITY;
  const mayFollow = ({ outcome, status }: Answer): boolean =>
    status === 503 || outcome === DONE[operation] || (operation === 'vend' && outcome === 'revoked' && isRevoked);
  const after = answers.filter((answer) => answer.askedAt > since && !mayFollow(answer));
  const undead = operation === 'vend' ? done.filter(({ askedAt }) => askedAt > gone) : [];
  return [
    ...answers.filter(({ status }) => status === 500).map(() => `${who} met a defect (500)`),
    ...after.map(({ outcome }) => `${who} was answered ${outcome} after it had been done`),
    ...undead.map(() => `${who} was answered vended after it had been revoked`),
    ...(operation === 'revoke'
      ? []
      : [...done.flatMap(({ body }) => differs(who, body, ledger)), ...backwards(first.question, done, ledger)]),
  ];
}

const DONE = { vend: 'vended', rotate: 'vended', revoke: 'revoked' } as const;

/** Whoever was answered with a rotation's key is never answered with an earlier one's again, nor with a stranger's. */
function backwards(question: Question, vended: readonly Answer[], ledger: LedgerView): string[] {
  const who = nameOf(question);
  const told = vended.map(({ askedAt, arrivedAt, body }) => ({
    askedAt,
    arrivedAt,
    generation: generationOf(ledger, question.requestId, requestIdIn(body) ?? '') ?? -1,
  }));
  const first = question.operation === 'rotate' ? 1 : 0;
  const isOvertaken = (late: (typeof told)[number]): boolean =>
    told.some(({ arrivedAt, generation }) => arrivedAt < late.askedAt && generation > late.generation);
  return [
    ...told
      .filter(({ generation }) => generation < first)
      .map(() => `${who} was answered with the key of another request`),
    ...told.filter(isOvertaken).map(() => `${who} was answered with a key that had been rotated before it asked`),
  ];
}
