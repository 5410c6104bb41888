import type { HttpHandler, HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { REQUEST_ID_PATTERN } from '../../vending/model/idempotency.ts';
import type { Problem } from '../../vending/model/problems.ts';
import { API_KEY_ID } from '../../vending/model/resource-names.ts';
import { intentPageSchema, listIntents, OPEN_STATES } from '../../vending/operate/list.ts';
import { resolveUnknown } from '../../vending/operate/resolve.ts';
import { operatorViewOf } from '../../vending/operate/view.ts';
import type { CallerAuthenticator } from '../../vending/ports/callers.ts';
import { fieldErrors } from '../../vending/request/field-errors.ts';
import type { SagaEffects } from '../../vending/saga/ports.ts';
import { contextLog, portsFor } from '../context-log.ts';
import { type AuthenticatedHandler, authenticated } from './guarded.ts';
import { readJsonBody } from './read-body.ts';
import { failureResponse, jsonResponse, problemResponse } from './responses.ts';

export interface OperatorAccess {
  readonly authenticator: CallerAuthenticator;
  readonly role: string;
}

const PAGE_LIMIT = 50;
/** The place of an intent in the order in which they fall due: what the ledger gave as `next`, and nothing made up. */
const CURSOR = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z_[a-z2-7]{26}$/;

export const listQuerySchema = z.strictObject({
  state: z.enum(OPEN_STATES),
  limit: z.coerce.number().pipe(z.int().min(1).max(PAGE_LIMIT)).default(PAGE_LIMIT),
  cursor: z.string().regex(CURSOR, 'must be what an earlier page gave as next').optional(),
});

export const resolveSchema = z.strictObject({
  apiKeyId: z
    .string()
    .regex(API_KEY_ID)
    .nullable()
    .meta({ description: 'The key that carries the marker; null: looked in Confluent, and there is none.' }),
  validateOnly: z
    .boolean()
    .exactOptional()
    .meta({ description: 'Says what would be done; nothing is deleted, nothing is written.' }),
});

/** `GET /api/v1/operations/intents?state=unknown` */
export function listOpenIntents(access: OperatorAccess, effects: SagaEffects): HttpHandler {
  return forOperators(access, async (http, _caller, context) => {
    const query = listQuerySchema.safeParse(Object.fromEntries(http.query));
    if (!query.success) return problemResponse(invalid(query.error));
    const page = await listIntents(effects, query.data);
    return page === undefined
      ? failureResponse(context, LEDGER_SILENT)
      : jsonResponse(200, intentPageSchema.parse(page));
  });
}

/** `POST /api/v1/operations/intents/{requestId}/resolve` */
export function resolveIntent(access: OperatorAccess, effects: SagaEffects): HttpHandler {
  return forOperators(access, async (http, caller, context) => {
    const { requestId: intentId = '' } = http.params;
    if (!REQUEST_ID_PATTERN.test(intentId)) return problemResponse(NOT_FOUND);
    const body = await readResolve(http);
    if ('problem' in body) return problemResponse(body.problem, intentId);
    const { apiKeyId, validateOnly } = body;
    contextLog(context)({ level: 'warn', event: 'resolve-asked', requestId: intentId, caller: caller.id });
    const ports = portsFor(effects, context, `operator:${caller.id}`, http.headers.get('traceparent'));
    const outcome = await resolveUnknown(ports, { intentId, apiKeyId, validateOnly });
    switch (outcome.kind) {
      case 'refused':
        return failureResponse(context, outcome.problem, intentId);
      case 'previewed':
        return jsonResponse(200, outcome.preview);
      case 'resolved':
        return jsonResponse(200, operatorViewOf(outcome.intent));
    }
  });
}

function forOperators({ authenticator, role }: OperatorAccess, handler: AuthenticatedHandler): HttpHandler {
  return authenticated(authenticator, async (http, caller, context) =>
    caller.roles.includes(role) ? handler(http, caller, context) : problemResponse(FORBIDDEN),
  );
}

async function readResolve(http: HttpRequest): Promise<z.infer<typeof resolveSchema> | { problem: Problem }> {
  const body = await readJsonBody(http);
  if (body.kind === 'refused') return { problem: body.problem };
  const parsed = resolveSchema.safeParse(body.value);
  return parsed.success ? parsed.data : { problem: invalid(parsed.error) };
}

const FORBIDDEN: Problem = { type: 'forbidden', detail: 'This is for operators of the service.' };
const NOT_FOUND: Problem = { type: 'not-found', detail: 'There is no request with this id.' };
const LEDGER_SILENT: Problem = { type: 'ledger-unavailable', detail: 'The ledger did not answer; try again.' };

const invalid = (error: z.ZodError): Problem => ({
  type: 'invalid-request',
  detail: 'The request breaks the rules listed in errors.',
  errors: fieldErrors(error.issues),
});
