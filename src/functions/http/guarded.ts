import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { Problem } from '../../vending/model/problems.ts';
import { parseTraceparent } from '../../vending/model/traceparent.ts';
import type { Caller, CallerAuthenticator } from '../../vending/ports/callers.ts';
import { contextLog, framesOf } from '../context-log.ts';
import { traceparentOf } from '../trace.ts';
import { failureResponse, problemResponse } from './responses.ts';

export type AuthenticatedHandler = (
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
) => Promise<HttpResponseInit>;

/** Authenticates the caller before anything else is read, and turns a defect into a problem that says nothing. */
export function authenticated(authenticator: CallerAuthenticator, handler: AuthenticatedHandler): HttpHandler {
  return guarded(async (request, context) => {
    const authentication = await authenticator.authenticate(request.headers.get('authorization'));
    switch (authentication.kind) {
      case 'authenticated':
        return handler(request, authentication.caller, context);
      case 'rejected':
        return problemResponse({ type: 'unauthenticated', detail: authentication.detail });
      case 'unavailable':
        contextLog(context)({ level: 'error', event: 'tokens-unverifiable', upstream: authentication.upstream });
        return failureResponse(context, IDENTITY_PROVIDER_SILENT);
    }
  });
}

export function guarded(handler: HttpHandler): HttpHandler {
  return async (request, context) => {
    try {
      return traced(request, context, await handler(request, context));
    } catch (error) {
      contextLog(context)({ level: 'error', event: 'defect', stack: framesOf(error) });
      return problemResponse({ type: 'internal-error', detail: 'The service failed; its operators were told.' });
    }
  };
}

/** A caller who names a trace is told where in it the answer was made. https://www.w3.org/TR/trace-context-2/ */
function traced(request: HttpRequest, context: InvocationContext, response: HttpResponseInit): HttpResponseInit {
  const sent = parseTraceparent(request.headers.get('traceparent'));
  const traceresponse = sent === undefined ? undefined : traceparentOf(context, sent);
  return traceresponse === undefined ? response : { ...response, headers: { ...response.headers, traceresponse } };
}

const IDENTITY_PROVIDER_SILENT: Problem = {
  type: 'identity-provider-unavailable',
  detail: 'The signing keys of the identity provider could not be read; try again.',
  retryAfterMs: 10_000,
};
