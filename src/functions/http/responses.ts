import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { answerOf } from '../../vending/answers/credential.ts';
import { problemBody } from '../../vending/answers/problem.ts';
import type { Outcome } from '../../vending/commands/outcome.ts';
import type { Caller } from '../../vending/model/caller.ts';
import { PROBLEMS, type Problem } from '../../vending/model/problems.ts';
import { contextLog } from '../context.ts';

/** For refusals that an app role would have prevented. */
export const ROLES_ARRIVE_LATE = 'The token of a managed identity keeps its roles for up to 24 hours after a change.';

const NO_STORE = { 'Cache-Control': 'no-store' };
/** Where a problem asks to come back and does not say when. */
const DEFAULT_RETRY_MS = 5_000;

/** PowerShell 5.1 reads JSON as Latin-1 where nothing names the charset. */
export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponseInit {
  return {
    status,
    jsonBody: body,
    headers: { ...NO_STORE, 'Content-Type': 'application/json; charset=utf-8', ...headers },
  };
}

/** @param next reference to the next page, if there is one */
export const csvResponse = (table: string, next: string | undefined): HttpResponseInit => ({
  status: 200,
  body: table,
  headers: {
    ...NO_STORE,
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': 'attachment; filename="credentials.csv"',
    ...(next !== undefined && { Link: `<${next}>; rel="next"` }),
  },
});

/** What a failure is logged with. */
export interface FailureContext {
  readonly credentialId?: string | undefined;
  readonly caller?: Caller;
  readonly target?: Readonly<Record<string, string>>;
}

export function outcomeResponse(
  http: HttpRequest,
  context: InvocationContext,
  outcome: Outcome,
  about: FailureContext,
): HttpResponseInit {
  switch (outcome.kind) {
    case 'problem':
      return failureResponse(context, outcome.problem, { ...about, credentialId: outcome.id });
    case 'vended': {
      const { credential, replayed, rotation } = outcome;
      const headers = { Location: locationOf(http.url, credential.id) };
      const answer = answerOf(credential, rotation);
      return replayed
        ? jsonResponse(200, answer, { ...headers, 'Idempotency-Replayed': 'true' })
        : jsonResponse(201, answer, headers);
    }
    case 'overlap-ended':
    case 'revoked':
      return jsonResponse(200, answerOf(outcome.credential));
    case 'revoking':
      return jsonResponse(202, answerOf(outcome.credential), { 'Retry-After': wholeSeconds(outcome.retryAfterMs) });
    case 'previewed':
      return jsonResponse(200, outcome.preview);
  }
}

/** A problem that operators have a record of: a failure of the service, or a denial. */
export function failureResponse(
  context: InvocationContext,
  problem: Problem,
  about: FailureContext = {},
): HttpResponseInit {
  const { credentialId, caller, target } = about;
  const log = contextLog(context);
  const common = {
    problem: problem.type,
    ...(credentialId !== undefined && { credentialId }),
    ...(caller !== undefined && { caller: caller.id }),
  };
  const { status } = PROBLEMS[problem.type];
  if (status >= 500) log({ level: 'warn', event: 'request-failed', ...common });
  if (status !== 403) return problemResponse(problem, credentialId);
  const denial = { reason: problem.detail, transport: 'http', ...(target !== undefined && { target }) } as const;
  log({ level: 'warn', event: 'request-denied', ...common, ...denial });
  const detail = `${problem.detail} The operators of this service find the denial by its instance: quote it.`;
  return problemResponse({ ...problem, detail }, credentialId, `urn:uuid:${context.invocationId}`);
}

export function problemResponse(problem: Problem, credentialId?: string, instance?: string): HttpResponseInit {
  const { status } = PROBLEMS[problem.type];
  const retryAfterMs = problem.retryAfterMs ?? (status === 503 ? DEFAULT_RETRY_MS : undefined);
  const detail = retryAfterMs === undefined ? problem.detail : withTime(problem.detail, retryAfterMs);
  return {
    status,
    jsonBody: { ...problemBody({ ...problem, detail }, credentialId), ...(instance !== undefined && { instance }) },
    headers: {
      ...NO_STORE,
      'Content-Type': 'application/problem+json; charset=utf-8',
      ...(retryAfterMs === undefined ? {} : { 'Retry-After': wholeSeconds(retryAfterMs) }),
      ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    },
  };
}

/** Rounded up: a caller must not come back too early. */
const wholeSeconds = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1000)));

/** People read the detail and not the headers. */
function withTime(detail: string, waitMs: number): string {
  if (/not before/i.test(detail)) return detail;
  const now = Date.now();
  const at = new Date(Math.ceil((now + waitMs) / 1000) * 1000).toISOString();
  const isToday = at.slice(0, 10) === new Date(now).toISOString().slice(0, 10);
  return `${detail} Not before ${isToday ? at.slice(11, 19) : at.slice(0, 19).replace('T', ' ')} UTC.`;
}

const COLLECTION = '/credentials';

/**
 * Where a credential is, relative to the URL of the request (RFC 3986, 5.2). A path from the root would be wrong behind a
 * gateway that adds a prefix.
 */
function locationOf(requestUrl: string, id: string): string {
  const { pathname } = new URL(requestUrl);
  const end = pathname.toLowerCase().lastIndexOf(COLLECTION) + COLLECTION.length;
  const depth = pathname.slice(end).split('/').length - 1;
  return depth === 0 ? `credentials/${id}` : `${'../'.repeat(depth - 1)}${id}`;
}
