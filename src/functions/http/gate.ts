import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { Caller, CallerAuthenticator } from '../../vending/model/caller.ts';
import { type Problem, problemOf } from '../../vending/model/problems.ts';
import { contextLog } from '../context.ts';
import { failureResponse, problemResponse } from './responses.ts';

export type Entry =
  | { readonly kind: 'caller'; readonly caller: Caller }
  | { readonly kind: 'refused'; readonly response: HttpResponseInit };

/** Lets in who has a valid token. */
export interface Gate {
  enter(http: HttpRequest, context: InvocationContext): Promise<Entry>;
}

/** Anybody can cause a rejection, so many of them make one record. */
const LOGGED_EVERY_MS = 60_000;

/** @param now milliseconds since the epoch */
export function createGate(authenticator: CallerAuthenticator, now: () => number = Date.now): Gate {
  let denied = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;

  /** `counts`: rejections since the record before, this one included. */
  function reject(context: InvocationContext, detail: string): Problem {
    denied++;
    if (now() - loggedAt >= LOGGED_EVERY_MS) {
      const counts = { denied };
      contextLog(context)({ level: 'warn', event: 'request-denied', reason: detail, transport: 'http', counts });
      denied = 0;
      loggedAt = now();
    }
    return problemOf('unauthenticated', detail);
  }

  return {
    enter: async (http, context) => {
      const authentication = await authenticator.authenticate(http.headers.get('authorization'));
      switch (authentication.kind) {
        case 'authenticated':
          return { kind: 'caller', caller: authentication.caller };
        case 'rejected':
          return { kind: 'refused', response: problemResponse(reject(context, authentication.detail)) };
        case 'unavailable':
          contextLog(context)({ level: 'error', event: 'tokens-unverifiable', upstream: authentication.upstream });
          return { kind: 'refused', response: failureResponse(context, IDENTITY_PROVIDER_UNAVAILABLE) };
      }
    },
  };
}

const IDENTITY_PROVIDER_UNAVAILABLE = problemOf(
  'identity-provider-unavailable',
  'The signing keys of the identity provider could not be read; try again.',
  10_000,
);
