import { setTimeout } from 'node:timers/promises';
import type { HttpHandler } from '@azure/functions';
import type { Problem } from '../../vending/model/problems.ts';
import type { CallerAuthenticator } from '../../vending/ports/callers.ts';
import type { EventIntake } from '../../vending/ports/event-intake.ts';
import { contextLog } from '../context-log.ts';
import { traceparentOf } from '../trace.ts';
import { readEventBody } from './event-body.ts';
import { authenticated } from './guarded.ts';
import { failureResponse, jsonResponse, problemResponse } from './responses.ts';
import { countsOf, logEvents, refusalOf, sortEvents } from './sorted-events.ts';

/** Event Grid waits 30 s for an answer, of which the signing keys may take five. */
const PATIENCE_MS = 20_000;

export interface EventWebhook {
  readonly authenticator: CallerAuthenticator;
  /** The app role of those who may deliver Key Vault's events. */
  readonly senderRole: string;
  readonly intake: EventIntake;
  /** Milliseconds until the sender is asked to come again. Default 20,000. */
  readonly patienceMs?: number;
}

/**
 * `POST /api/v1/events`. Nothing is echoed to a caller who is not authenticated, and a `validationUrl` is never fetched.
 * A delivery that was not wholly taken in is asked for again: every event may come more than once.
 */
export function receiveEvents(webhook: EventWebhook): HttpHandler {
  const { authenticator, senderRole, intake, patienceMs = PATIENCE_MS } = webhook;
  return authenticated(authenticator, async (http, caller, context) => {
    const body = await readEventBody(http);
    if (body.kind === 'refused') return problemResponse(body.problem);
    const [first, ...others] = body.events;
    if (first?.kind === 'subscription-validation' && others.length === 0) {
      contextLog(context)({ level: 'info', event: 'event-subscription-validated', caller: caller.id });
      return jsonResponse(200, { validationResponse: first.code });
    }
    const events = sortEvents(body.events, caller.roles.includes(senderRole));
    logEvents(contextLog(context), caller.id, events);
    const refusal = refusalOf(events);
    if (refusal !== undefined) return problemResponse(refusal);
    if (events.accepted.length > 0) {
      const trace = traceparentOf(context, http.headers.get('traceparent'));
      const accepting = intake.accept(events.accepted, caller, trace);
      const outcome = await Promise.race([accepting, setTimeout(patienceMs, 'not-accepted' as const, { ref: false })]);
      if (outcome === 'not-accepted') return failureResponse(context, NOT_ACCEPTED);
    }
    return jsonResponse(200, countsOf(events));
  });
}

const NOT_ACCEPTED: Problem = {
  type: 'queue-unavailable',
  detail: 'The events could not be taken in; send them again.',
  retryAfterMs: 10_000,
};
