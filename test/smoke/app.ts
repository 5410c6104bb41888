import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';

export interface Answered {
  readonly kind: 'answered';
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined where it is not JSON. */
  readonly json: unknown;
  readonly ms: number;
}
/** `silent`: no answer came, so nobody knows whether the request was carried out. */
export type Answer = Answered | { readonly kind: 'silent'; readonly reason: string };

export interface App {
  get(path: string): Promise<Answer>;
  anonymous(method: 'GET' | 'POST', path: string): Promise<Answer>;
  vend(body: object, idempotencyKey: string): Promise<Answer>;
  rotate(id: string, idempotencyKey: string): Promise<Answer>;
  revoke(id: string): Promise<Answer>;
  /** Where an answer's `Location` leads, as the path that `get` takes; undefined if that is not below this app. */
  pathOf(location: string | null): string | undefined;
}

/** The function's own deadlines for mint and store, and something for the way. */
const DEADLINE_MS = 150_000;
const COLLECTION = '/v1/credentials';
const JSON_TYPE = { 'content-type': 'application/json' };

/** The deployed app's HTTP interface. No method throws. @param interruption ends requests under way. */
export function createApp(url: string, token: string, interruption?: AbortSignal): App {
  const authorization = `Bearer ${token}`;
  const api = `${url}/api`;
  const send = (path: string, init: RequestInit): Promise<Answer> => exchange(`${api}${path}`, init, interruption);
  const post = (path: string, body: object, key: string): Promise<Answer> => {
    const headers = { ...JSON_TYPE, authorization, 'idempotency-key': key };
    return send(path, { method: 'POST', headers, body: JSON.stringify(body) });
  };
  return {
    get: (path) => send(path, { headers: { authorization } }),
    anonymous: (method, path) => send(path, method === 'GET' ? { method } : { method, headers: JSON_TYPE, body: '{}' }),
    vend: (body, key) => post(COLLECTION, body, key),
    rotate: (id, key) => post(`${COLLECTION}/${id}/rotate`, {}, key),
    revoke: (id) => send(`${COLLECTION}/${id}`, { method: 'DELETE', headers: { authorization } }),
    pathOf: (location) => {
      const { href } = new URL(location ?? '', `${api}${COLLECTION}`);
      return href.startsWith(`${api}/`) ? href.slice(api.length) : undefined;
    },
  };
}

async function exchange(url: string, init: RequestInit, interruption?: AbortSignal): Promise<Answer> {
  const started = performance.now();
  const signals = [AbortSignal.timeout(DEADLINE_MS), ...(interruption === undefined ? [] : [interruption])];
  try {
    // A redirect would carry the token to wherever the answer points.
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) });
    const text = await response.text();
    const ms = Math.round(performance.now() - started);
    return { kind: 'answered', status: response.status, headers: response.headers, text, json: parsed(text), ms };
  } catch (error) {
    return { kind: 'silent', reason: reasonFor(codeOf(error), new URL(url).hostname) };
  }
}

const codeSchema = z.object({ cause: z.object({ code: z.string() }) });

function codeOf(error: unknown): string {
  return codeSchema.safeParse(error).data?.cause.code ?? (error instanceof Error ? error.name : 'unknown');
}

/** A name that nobody knows is not a service that is down. */
export const reasonFor = (code: string, host: string): string =>
  code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? `DNS does not know ${host}: ${code}` : code;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const problemSchema = z.object({
  type: z.templateLiteral(['urn:confluent-key-vending:problem:', z.string()]),
  detail: z.string(),
  credentialId: z.string().exactOptional(),
});

export interface AppProblem {
  /** The last word of its type. */
  readonly type: string;
  readonly detail: string;
  readonly credentialId?: string;
}

/** Undefined where the answer is none of the app's problems: a gateway may have written it. */
export function problemOf(answer: Answer): AppProblem | undefined {
  const failed = answer.kind === 'answered' && answer.status >= 400;
  const problem = failed ? problemSchema.safeParse(answer.json).data : undefined;
  return problem && { ...problem, type: problem.type.split(':').at(-1) ?? '' };
}

/** For a line of the report; another's text is not repeated. */
export function describe(answer: Answer): string {
  if (answer.kind === 'silent') return `no answer (${answer.reason})`;
  const problem = problemOf(answer);
  return problem === undefined ? `${answer.status}` : `${answer.status} ${problem.type}: ${problem.detail}`;
}

/** Repeats what may be repeated, never before `Retry-After`, as the README advises every caller. */
export async function patiently(ask: () => Promise<Answer>, patienceMs: number, stop?: AbortSignal): Promise<Answer> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    const waitMs = retryAfterMs(answer);
    const over = stop?.aborted === true || Date.now() + waitMs > deadline;
    if (over || !isTransient(answer)) return answer;
    await sleep(waitMs, undefined, { signal: stop }).catch(() => undefined);
  }
}

function isTransient(answer: Answer): boolean {
  if (answer.kind === 'silent') return true;
  const problem = problemOf(answer);
  return problem === undefined
    ? [202, 429, 502, 503, 504].includes(answer.status)
    : answer.status === 503 || problem.type === 'request-in-progress';
}

function retryAfterMs(answer: Answer): number {
  const seconds = answer.kind === 'answered' ? Number(answer.headers.get('retry-after') ?? 2) : 2;
  return 1000 * (Number.isFinite(seconds) ? Math.max(1, seconds) : 2);
}
