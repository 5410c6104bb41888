import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type * as z from 'zod';
import { type Authority, authorityOf, type Caller, operatorName } from '../../vending/model/caller.ts';
import { CREDENTIAL_ID_PATTERN } from '../../vending/model/idempotency.ts';
import { NOT_FOUND, problemOf } from '../../vending/model/problems.ts';
import { parseTraceparent } from '../../vending/model/tracing.ts';
import type { VendSettings } from '../../vending/policy/policy.ts';
import { stackFramesOf } from '../../vending/ports/telemetry.ts';
import type { Context, Effects } from '../../vending/saga/context.ts';
import { contextFor, contextLog, traceparentOf } from '../context.ts';
import type { Gate } from './gate.ts';
import { readQuery } from './parameters.ts';
import { failureResponse, problemResponse, ROLES_ARRIVE_LATE } from './responses.ts';

/** A request whose caller is authenticated, and whose query parameters are known and valid. */
export interface AuthenticatedRequest<Query = unknown> {
  readonly http: HttpRequest;
  readonly context: InvocationContext;
  readonly caller: Caller;
  readonly query: Query;
}

/** Authenticates the caller before anything else is read. A query parameter that the route does not know is refused. */
export function authenticated<Query>(
  gate: Gate,
  parameters: z.ZodObject & z.ZodType<Query>,
  handler: (asked: AuthenticatedRequest<Query>) => Promise<HttpResponseInit>,
): HttpHandler {
  return catchingDefects(async (http, context) => {
    const entry = await gate.enter(http, context);
    if (entry.kind === 'refused') return entry.response;
    const query = readQuery(http.query, parameters);
    if (query.kind === 'invalid') return problemResponse(query.problem);
    return handler({ http, context, caller: entry.caller, query: query.value });
  });
}

/** Turns a defect into a problem that says nothing. */
export function catchingDefects(
  handler: (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>,
): HttpHandler {
  return async (request, context) => {
    try {
      return traced(request, context, await handler(request, context));
    } catch (error) {
      contextLog(context)({ level: 'error', event: 'defect', stack: stackFramesOf(error) });
      return problemResponse(DEFECT);
    }
  };
}

/** A caller who names a trace learns where in it the answer was made. https://www.w3.org/TR/trace-context-2/ */
function traced(request: HttpRequest, context: InvocationContext, response: HttpResponseInit): HttpResponseInit {
  const sent = parseTraceparent(request.headers.get('traceparent'));
  const traceresponse = sent === undefined ? undefined : traceparentOf(context, sent);
  return traceresponse === undefined ? response : { ...response, headers: { ...response.headers, traceresponse } };
}

const DEFECT = problemOf('internal-error', 'The service failed. Its operators have a record of it.');

/** The routes on credentials work with these. */
export interface HttpServices {
  readonly gate: Gate;
  readonly effects: Effects;
  readonly settings: VendSettings;
  readonly operatorRole: string;
}

/** The audit trail names the operator who acts on a credential. */
export function callerContext(
  { effects, operatorRole }: Pick<HttpServices, 'effects' | 'operatorRole'>,
  { http, context, caller }: AuthenticatedRequest,
): { readonly authority: Authority; readonly ctx: Context } {
  const authority = authorityOf(caller, operatorRole);
  const name = authority.kind === 'operator' ? operatorName(caller) : 'worker';
  const ctx = contextFor(effects, context, { party: 'worker', name }, http.headers.get('traceparent'));
  return { authority, ctx };
}

/** For a route with the id of a credential in its path. */
export function withCredentialId<Query>(
  handler: (asked: AuthenticatedRequest<Query>, id: string) => Promise<HttpResponseInit>,
): (asked: AuthenticatedRequest<Query>) => Promise<HttpResponseInit> {
  return async (asked) => {
    const { id = '' } = asked.http.params;
    return CREDENTIAL_ID_PATTERN.test(id) ? handler(asked, id) : problemResponse(NOT_FOUND);
  };
}

/** The audit trail names the operator. */
export const operatorContext = (
  { effects }: Pick<HttpServices, 'effects'>,
  { context, caller, http }: AuthenticatedRequest,
): Context =>
  contextFor(effects, context, { party: 'operator', name: operatorName(caller) }, http.headers.get('traceparent'));

/** Asks for the role before anything else is looked at. */
export function forOperators<Query>(
  { operatorRole }: Pick<HttpServices, 'operatorRole'>,
  handler: (asked: AuthenticatedRequest<Query>) => Promise<HttpResponseInit>,
): (asked: AuthenticatedRequest<Query>) => Promise<HttpResponseInit> {
  return async (asked) =>
    asked.caller.roles.includes(operatorRole)
      ? handler(asked)
      : failureResponse(asked.context, FOR_OPERATORS, { caller: asked.caller });
}

const FOR_OPERATORS = problemOf(
  'forbidden',
  `This is for callers with the app role of operators. ${ROLES_ARRIVE_LATE}`,
);
