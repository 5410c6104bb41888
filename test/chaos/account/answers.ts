import { credentialAnswerSchema } from '../../../src/vending/answers/credential.ts';
import type { LedgerView } from '../evidence.ts';
import type { Answer, Conversation } from '../http-client.ts';
import { PORTAL } from '../orders.ts';
import type { Question } from '../questions.ts';
import { contradictions } from './claims.ts';

/** Every client got one final answer, and what it was answered is what the ledger says, in the order of time. */
export function accountForConversations(conversations: readonly Conversation[], ledger: LedgerView): string[] {
  const byQuestion = Map.groupBy(conversations, ({ question }) => nameOf(question));
  const byCredential = Map.groupBy(conversations, ({ question }) => question.asked.id);
  return [
    ...conversations.flatMap(({ question, ended, answers }) =>
      ended ? [] : [`${nameOf(question)} has no final answer; the last was ${answers.at(-1)?.outcome ?? 'none'}`],
    ),
    ...[...byQuestion.values()].flatMap((all) => accountForQuestion(all, ledger)),
    ...[...byCredential.values()].flatMap((all) => accountForCredential(all, ledger)),
  ];
}

function nameOf({ asked }: Question): string {
  const detail = asked.operation === 'rotate' ? ` (${asked.key.key})` : '';
  return `HTTP ${asked.operation} ${asked.id}${detail}`;
}

export function isDone({ asked }: Question, { status, outcome }: Answer): boolean {
  switch (asked.operation) {
    case 'vend':
    case 'rotate':
      return outcome === 'vended';
    case 'end-overlap':
      return status === 200;
    case 'revoke':
      return outcome === 'revoked' && status === 200;
  }
}

/** What is done stays done: everybody who asks the same later is answered the same. */
function accountForQuestion(conversations: readonly Conversation[], ledger: LedgerView): string[] {
  const [first] = conversations;
  if (first === undefined) return [];
  const { question } = first;
  const who = nameOf(question);
  const answers = conversations.flatMap((conversation) => conversation.answers);
  const done = answers.filter((answer) => isDone(question, answer));
  const since = Math.min(...done.map(({ arrivedAt }) => arrivedAt));
  const { operation, id } = question.asked;
  const mayBeRefused = (operation === 'vend' || operation === 'rotate') && ledger.credentials.get(id)?.revocation;
  const mayFollow = (answer: Answer): boolean =>
    answer.status === 503 || isDone(question, answer) || (mayBeRefused !== undefined && isRefusal(answer));
  return [
    ...answers.filter(({ status }) => status === 500).map(() => `${who} met a defect (500)`),
    ...answers
      .filter((answer) => answer.askedAt > since && !mayFollow(answer))
      .map(({ outcome }) => `${who} was answered ${outcome} after it had been done`),
    ...done.flatMap(({ body }) => contradictions({ who, asked: question.asked, caller: PORTAL, body }, ledger)),
  ];
}

/** Of a credential that somebody revoked. */
const isRefusal = ({ status, outcome }: Answer): boolean => status === 410 && outcome === 'revoked';

interface Shown {
  readonly who: string;
  readonly answer: Answer;
  /** Number of the attempt that made the current key; 0 where there was no key. */
  readonly attempt: number;
}

/** Nobody is answered with an older key than somebody was before, nor with any key after it was revoked. */
function accountForCredential(conversations: readonly Conversation[], ledger: LedgerView): string[] {
  const shown = conversations.flatMap(({ question, answers }) =>
    answers.flatMap((answer): Shown[] => {
      const body = credentialAnswerSchema.safeParse(answer.body).data;
      if (body === undefined) return [];
      const attempt = ledger.vendedBy(body.id, body.apiKey?.id)?.attempt ?? 0;
      return [{ who: nameOf(question), answer, attempt }];
    }),
  );
  const revoked = conversations.flatMap(({ question, answers }) =>
    question.asked.operation === 'revoke' ? answers.filter((answer) => isDone(question, answer)) : [],
  );
  const revokedSince = Math.min(...revoked.map(({ arrivedAt }) => arrivedAt));
  const isOvertaken = (late: Shown): boolean =>
    late.attempt > 0 &&
    shown.some(({ answer, attempt }) => answer.arrivedAt < late.answer.askedAt && attempt > late.attempt);
  return [
    ...shown
      .filter(isOvertaken)
      .map(({ who }) => `${who} was answered with a key that had been replaced before it asked`),
    ...shown
      .filter(({ answer, attempt }) => answer.askedAt > revokedSince && attempt > 0)
      .map(({ who }) => `${who} was answered with a key after it had been revoked`),
    ...rivals(conversations),
  ];
}

/** Only one of several rotations that replace the same key takes place. */
function rivals(conversations: readonly Conversation[]): string[] {
  const winners = conversations.flatMap(({ question, answers }) => {
    const { asked } = question;
    const isWinner = asked.operation === 'rotate' && answers.some((answer) => isDone(question, answer));
    return isWinner && asked.replaces !== undefined ? [{ replaced: asked.replaces, key: asked.key.key }] : [];
  });
  return [...Map.groupBy(winners, ({ replaced }) => replaced)].flatMap(([replaced, all]) =>
    new Set(all.map(({ key }) => key)).size > 1 ? [`key ${replaced} was replaced by two rotations`] : [],
  );
}
