import * as z from 'zod';
import type { EmulatedAzure } from '../../src/sandbox/azure/azure.ts';
import { issueToken } from '../../src/sandbox/azure/tokens.ts';
import type { Asked } from './changes/change.ts';
import type { Fleet } from './fleet.ts';
import type { LeakSearch } from './leaks.ts';
import type { Question } from './questions.ts';
import type { Random } from './random.ts';
import { sleepBy } from './sleep.ts';

/** One answer that arrived; times are of this process's monotonic clock. */
export interface Answer {
  readonly status: number;
  /** The status, of a rotation that of the rotation, or the last word of the problem's type. */
  readonly outcome: string;
  readonly body: unknown;
  readonly askedAt: number;
  readonly arrivedAt: number;
  readonly retryAfterMs: number;
}

/** Every answer that one client got to one question. The last one is final if the conversation ended. */
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
  /** Requests that have no answer yet. */
  inFlight: number;
  /** Nobody waits longer. */
  readonly deadline: AbortSignal;
}

const IMPATIENT_ASKS = 4;
const PATIENT_MS = 30_000;
const MAX_BACKOFF_MS = 6_000;

/** Asks as the documentation says: the same question until the answer is final, never before `Retry-After`, and ever more slowly. */
export async function converse(world: ClientWorld, question: Question, random: Random): Promise<Conversation> {
  const conversation: Conversation = { question, answers: [], asked: 0, ended: false };
  const { azure, deadline } = world;
  while (!(conversation.ended || deadline.aborted)) {
    const patienceMs = conversation.asked < IMPATIENT_ASKS ? question.patienceMs : PATIENT_MS;
    conversation.asked++;
    world.inFlight++;
    const answer = await ask(world, question, random, patienceMs).finally(() => world.inFlight--);
    if (answer !== undefined) conversation.answers.push(answer);
    conversation.ended = answer !== undefined && isFinal(answer, question);
    const backoff = random.int(50, Math.min(MAX_BACKOFF_MS, 200 * 2 ** conversation.asked));
    if (!conversation.ended) await sleepBy(azure.clock, Math.max(answer?.retryAfterMs ?? 0, backoff), deadline);
  }
  return conversation;
}

/** Undefined: the connection was refused or lost, or the client gave up. */
async function ask(
  world: ClientWorld,
  { asked, method, path, headers, body }: Question,
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
    return {
      ...readAnswer(response.status, asked.operation, text),
      retryAfterMs: waitOf(response),
      askedAt,
      arrivedAt: performance.now(),
    };
  } catch {
    return undefined;
  }
}

const bodySchema = z.object({
  type: z.string().optional(),
  status: z.union([z.string(), z.number()]).optional(),
  rotation: z.object({ status: z.string() }).optional(),
});

function readAnswer(status: number, operation: Asked['operation'], text: string) {
  const body: unknown = text === '' ? {} : JSON.parse(text);
  const { type, status: word, rotation } = bodySchema.parse(body);
  const state = operation === 'rotate' && rotation !== undefined ? rotation.status : String(word);
  return { status, outcome: type?.split(':').at(-1) ?? state, body };
}

const waitOf = ({ headers }: Response): number => 1000 * Number(headers.get('retry-after') ?? 1);

const isFinal = ({ status, outcome }: Answer, { persists }: Question): boolean =>
  status !== 503 &&
  status !== 202 &&
  outcome !== 'request-in-progress' &&
  !(outcome === 'rotation-too-soon' && persists === true);
