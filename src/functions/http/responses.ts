import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { buildResult, problemBody } from '../../vending/answers/result.ts';
import { revokedStatusOf } from '../../vending/answers/status.ts';
import type { Outcome } from '../../vending/command.ts';
import { PROBLEMS, type Problem } from '../../vending/model/problems.ts';
import type { VendedIntent } from '../../vending/saga/outcome.ts';
import { contextLog } from '../context-log.ts';

const NO_STORE = { 'Cache-Control': 'no-store' };

export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponseInit {
  return { status, jsonBody: body, headers: { ...NO_STORE, 'Content-Type': 'application/json', ...headers } };
}

export function outcomeResponse(http: HttpRequest, context: InvocationContext, outcome: Outcome): HttpResponseInit {
  switch (outcome.kind) {
    case 'problem':
      return failureResponse(context, outcome.problem, outcome.requestId);
    case 'vended':
      return vendedResponse(http, outcome.intent, outcome.replayed);
    case 'revoked':
      return jsonResponse(200, revokedStatusOf(outcome));
    case 'previewed':
      return jsonResponse(200, outcome.preview);
  }
}

function vendedResponse(http: HttpRequest, intent: VendedIntent, replayed: boolean): HttpResponseInit {
  const { pathname } = new URL(http.url);
  const location = { Location: `${pathname.replace(/\/api-keys(?:\/.*)?$/, '/api-keys')}/${intent.id}` };
  return replayed
    ? jsonResponse(200, buildResult(intent), { ...location, 'Idempotency-Replayed': 'true' })
    : jsonResponse(201, buildResult(intent), location);
}

/** Operators are told too where the service failed: what fails before anything is recorded leaves no audit record. */
export function failureResponse(context: InvocationContext, problem: Problem, requestId?: string): HttpResponseInit {
  if (PROBLEMS[problem.type].status >= 500) {
    const request = requestId === undefined ? {} : { requestId };
    contextLog(context)({ level: 'warn', event: 'request-failed', problem: problem.type, ...request });
  }
  return problemResponse(problem, requestId);
}

export function problemResponse(problem: Problem, requestId?: string): HttpResponseInit {
  const { status } = PROBLEMS[problem.type];
  return {
    status,
    jsonBody: problemBody(problem, requestId),
    headers: {
      ...NO_STORE,
      'Content-Type': 'application/problem+json',
      ...(problem.retryAfterMs === undefined ? {} : { 'Retry-After': wholeSeconds(problem.retryAfterMs) }),
      ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    },
  };
}

/** Rounded up: a caller must not come back before the time that it was told. */
const wholeSeconds = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1000)));
