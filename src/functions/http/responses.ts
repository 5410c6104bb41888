import type { HttpResponseInit } from '@azure/functions';
import { PROBLEMS, type Problem } from '../../vending/problems.ts';
import { problemBody } from '../../vending/result.ts';

const NO_STORE = { 'Cache-Control': 'no-store' };

export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponseInit {
  return { status, jsonBody: body, headers: { ...NO_STORE, 'Content-Type': 'application/json', ...headers } };
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
