import type { HttpHandler } from '@azure/functions';
import { isBrokenCommand } from '../../vending/events/incoming.ts';
import { problemOf } from '../../vending/model/problems.ts';
import { namesCaller, type Policy } from '../../vending/policy/policy.ts';
import type { EventIntake } from '../../vending/ports/messaging.ts';
import { contextLog, traceparentOf } from '../context.ts';
import { inTime } from '../in-time.ts';
import { countsOf, logEvents, readEventBody, refusalOf, sortEvents } from './event-delivery.ts';
import type { Gate } from './gate.ts';
import { noParameters } from './parameters.ts';
import { failureResponse, jsonResponse, problemResponse, ROLES_ARRIVE_LATE } from './responses.ts';
import { authenticated, catchingDefects } from './route.ts';

/** Until the sender is asked to come again. Event Grid waits 30 s for an answer. The signing keys may take five of them. */
const INTAKE_TIMEOUT_MS = 20_000;

export interface EventWebhook {
  readonly gate: Gate;
  readonly policy: Policy;
  readonly operatorRole: string;
  /** The app role of those who may deliver Key Vault's events. */
  readonly senderRole: string;
  readonly intake: EventIntake;
}

/**
 * `POST /api/v1/events`. Nothing is echoed to a caller who is not authenticated, and a `validationUrl` is never fetched.
 * The sender repeats a delivery that was not taken in as a whole, so every event may come more than once.
 */
export function receiveEvents(webhook: EventWebhook): HttpHandler {
  const { gate, policy, operatorRole, senderRole, intake } = webhook;
  return authenticated(gate, noParameters, async ({ http, caller, context }) => {
    const isSender = caller.roles.includes(senderRole);
    // Every event becomes a message, whose answer costs one too.
    if (!isSender && !caller.roles.includes(operatorRole) && !namesCaller(policy, caller))
      return failureResponse(context, STRANGER, { caller });
    const body = await readEventBody(http);
    if (body.kind === 'invalid') return problemResponse(body.problem);
    const [first, ...others] = body.value;
    if (first?.kind === 'subscription-validation' && others.length === 0) {
      contextLog(context)({ level: 'info', event: 'event-subscription-validated', caller: caller.id });
      return jsonResponse(200, { validationResponse: first.code });
    }
    const events = sortEvents(body.value, isSender);
    logEvents(contextLog(context), caller.id, events);
    const refusal = refusalOf(events);
    if (refusal !== undefined) return failureResponse(context, refusal, { caller });
    const taken = [...events.accepted, ...events.unreadable.filter(isBrokenCommand)];
    if (taken.length > 0) {
      const trace = traceparentOf(context, http.headers.get('traceparent'));
      const accepting = intake.accept(taken, caller, trace);
      const outcome = await inTime(INTAKE_TIMEOUT_MS, accepting, 'not-accepted');
      if (outcome === 'not-accepted') return failureResponse(context, NOT_ACCEPTED, { caller });
    }
    return jsonResponse(200, countsOf(events));
  });
}

const STRANGER = problemOf(
  'forbidden',
  `No rule of the policy names this caller, and it does not hold the app role for delivering events. ${ROLES_ARRIVE_LATE}`,
);
const NOT_ACCEPTED = problemOf('queue-unavailable', 'The events could not be taken in; send them again.', 10_000);

/**
 * `OPTIONS /api/v1/events`: the handshake in which a sender of CloudEvents asks whether this service wants its events. Its
 * specification has it anonymous. It says nothing but yes: a delivery is authenticated all the same.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md#4-abuse-protection
 *
 * @param allowedOrigins DNS names such as `eventgrid.azure.net`, in any case.
 */
export function agreeToEvents(allowedOrigins: readonly string[]): HttpHandler {
  const allowed = new Set(allowedOrigins.map((origin) => origin.toLowerCase()));
  return catchingDefects(async (http) => {
    const origin = http.headers.get('webhook-request-origin') ?? '';
    // Anybody can ask, so a refusal makes no log record.
    if (!allowed.has(origin.toLowerCase())) return problemResponse(NOT_ALLOWED);
    return {
      status: 200,
      headers: {
        Allow: 'POST, OPTIONS',
        'Cache-Control': 'no-store',
        // As the sender spelled it: it compares.
        'WebHook-Allowed-Origin': origin,
        'WebHook-Allowed-Rate': '*',
      },
    };
  });
}

const NOT_ALLOWED = problemOf('forbidden', 'This origin is not allowed to send events here.');
