import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatedAzure } from '../../src/sandbox/azure.ts';
import { issueToken } from '../../src/sandbox/control/tokens.ts';
import type { Fleet } from './fleet.ts';
import type { LeakSearch } from './leaks.ts';
import type { Order } from './orders.ts';
import type { Random } from './random.ts';

/** One answer that arrived; times are of this process's monotonic clock. */
export interface Answer {
  readonly status: number;
  /** `vended`, or the last word of the problem's type. */
  readonly outcome: string;
  readonly body: unknown;
  readonly askedAt: number;
  readonly arrivedAt: number;
  readonly retryAfterMs: number;
}

/** All that one client was told about one idempotency key; the last answer is final if it ended. */
export interface Conversation {
  readonly order: HttpOrder;
  readonly answers: Answer[];
  asked: number;
  ended: boolean;
}

export type HttpOrder = Extract<Order, { kind: 'http' }>;

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
 * Asks as the documentation says: the same idempotency key until the answer is final, never before `Retry-After`, and
 * ever more slowly.
 */
export async function converse(world: ClientWorld, order: HttpOrder, random: Random): Promise<Conversation> {
  const conversation: Conversation = { order, answers: [], asked: 0, ended: false };
  while (!(conversation.ended || world.deadline.aborted)) {
    const patienceMs = conversation.asked < IMPATIENT_ASKS ? order.patienceMs : PATIENT_MS;
    conversation.asked++;
    const answer = await ask(world, order, random, patienceMs);
    if (answer !== undefined) conversation.answers.push(answer);
    conversation.ended = answer !== undefined && isFinal(answer);
    const backoff = random.int(50, Math.min(MAX_BACKOFF_MS, 200 * 2 ** conversation.asked));
    const wait = Math.max(answer?.retryAfterMs ?? 0, backoff);
    if (!conversation.ended) await sleep(wait, undefined, { signal: world.deadline }).catch(() => undefined);
  }
  return conversation;
}

/** Undefined: the connection was refused or lost, or the client's patience. */
async function ask(
  world: ClientWorld,
  order: HttpOrder,
  random: Random,
  patienceMs: number,
): Promise<Answer | undefined> {
  const url = world.fleet.url(random);
  if (url === undefined) return undefined;
  const askedAt = performance.now();
  const { access_token } = await issueToken(world.azure.issuer, {});
  try {
    const response = await fetch(`${url}/api/v1/api-keys`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${access_token}`,
        'content-type': 'application/json',
        'idempotency-key': order.key,
      },
      body: JSON.stringify(order.body),
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

const isFinal = ({ status, outcome }: Answer): boolean => status !== 503 && outcome !== 'request-in-progress';
