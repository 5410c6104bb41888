import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatedAzure } from '../../src/sandbox/azure.ts';
import { issueToken } from '../../src/sandbox/control/tokens.ts';
import type { Fleet } from './fleet.ts';
import type { LeakSearch } from './leaks.ts';
import type { Question } from './questions.ts';
import type { Random } from './random.ts';

/** One answer that arrived; times are of this process's monotonic clock. */
export interface Answer {
  readonly status: number;
  /** `vended`, `revoked`, or the last word of the problem's type. */
  readonly outcome: string;
  readonly body: unknown;
  readonly askedAt: number;
  readonly arrivedAt: number;
  readonly retryAfterMs: number;
}

/** All that one client was told in answer to one question; the last answer is final if it ended. */
export interface Conversation {
  readonly question: Question;
  readonly answers: Answer[];
  asked: number;
  ended: boolean;
}

export interface ClientWorld {
  readonly azure: EmulatedAzure;
  readonly fleet: Fleet;
  readonly leaks: LeakSearch;
  /** The end of everybody's patience. */
  readonly deadline: AbortSignal;
}

const IMPATIENT_ASKS = 4;
const PATIENT_MS = 30_000;
const MAX_BACKOFF_MS = 6_000;

/**
 * Asks as the documentation says: the same question until the answer is final, never before `Retry-After`, and ever more
 * slowly.
 */
export async function converse(world: ClientWorld, question: Question, random: Random): Promise<Conversation> {
  const conversation: Conversation = { question, answers: [], asked: 0, ended: false };
  const { deadline } = world;
  const { persistsUntil } = question;
  while (!(conversation.ended || deadline.aborted)) {
    const patienceMs = conversation.asked < IMPATIENT_ASKS ? question.patienceMs : PATIENT_MS;
    conversation.asked++;
    const answer = await ask(world, question, random, patienceMs);
    if (answer !== undefined) conversation.answers.push(answer);
    conversation.ended = answer !== undefined && isFinal(answer, question);
    const backoff = random.int(50, Math.min(MAX_BACKOFF_MS, 200 * 2 ** conversation.asked));
    const wait = Math.max(answer?.retryAfterMs ?? 0, backoff);
    const signal = answer?.outcome === TOO_SOON ? AbortSignal.any([deadline, persistsUntil ?? deadline]) : deadline;
    if (!conversation.ended) await sleep(wait, undefined, { signal }).catch(() => undefined);
  }
  return conversation;
}

/** Undefined: the connection was refused or lost, or the client's patience. */
async function ask(
  world: ClientWorld,
  { method, path, headers, body }: Question,
  random: Random,
  patienceMs: number,
): Promise<Answer | undefined> {
  const url = world.fleet.url(random);
  if (url === undefined) return undefined;
  const askedAt = performance.now();
  const { access_token } = await issueToken(world.azure.issuer, {});
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, authorization: `Bearer ${access_token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await response.text();
    world.leaks.look('an HTTP answer', `${JSON.stringify([...response.headers])} ${text}`);
    return answerOf(response, text, askedAt);
  } catch {
    return undefined;
  }
}

function answerOf({ status, headers }: Response, text: string, askedAt: number): Answer {
  const body: unknown = text === '' ? {} : JSON.parse(text);
  const { type, status: word } = body as { type?: string; status?: unknown };
  const outcome = type?.split(':').at(-1) ?? String(word);
  return {
    status,
    outcome,
    body,
    askedAt,
    arrivedAt: performance.now(),
    retryAfterMs: 1000 * Number(headers.get('retry-after') ?? 1),
  };
}

const TOO_SOON = 'rotation-too-soon';

const isFinal = ({ status, outcome }: Answer, { persistsUntil }: Question): boolean =>
  status !== 503 &&
  outcome !== 'request-in-progress' &&
  !(outcome === TOO_SOON && persistsUntil !== undefined && !persistsUntil.aborted);
