import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type * as z from 'zod';
import type { Caller } from '../../vending/model/caller.ts';
import { problemOf } from '../../vending/model/problems.ts';
import { parseTraceparent } from '../../vending/model/traceparent.ts';
import { contextLog, framesOf } from '../context-log.ts';
import { traceparentOf } from '../trace.ts';
import type { Gate } from './gate.ts';
import { readQuery } from './query.ts';
import { problemResponse } from './responses.ts';

/** A request whose caller is authenticated, and whose query parameters are known and valid. */
export interface Asked<Query = unknown> {
  readonly http: HttpRequest;
  readonly context: InvocationContext;
  readonly caller: Caller;
  readonly query: Query;
}

/** Authenticates the caller before anything else is read. A query parameter that the route does not know is refused. */
export function authenticated<Query>(
  gate: Gate,
  parameters: z.ZodObject & z.ZodType<Query>,
  handler: (asked: Asked<Query>) => Promise<HttpResponseInit>,
): HttpHandler {
  return guarded(async (http, context) => {
    const entry = await gate.enter(http, context);
    if (entry.kind === 'refused') return entry.response;
    const query = readQuery(http.query, parameters);
    if (query.kind === 'refused') return problemResponse(query.problem);
    return handler({ http, context, caller: entry.caller, query: query.value });
  });
}

/** Turns a defect into a problem that says nothing. */
export function guarded(
  handler: (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>,
): HttpHandler {
  return async (request, context) => {
    try {
      return traced(request, context, await handler(request, context));
    } catch (error) {
      contextLog(context)({ level: 'error', event: 'defect', stack: framesOf(error) });
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
