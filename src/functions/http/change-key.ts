import type { HttpHandler, HttpRequest, InvocationContext } from '@azure/functions';
import { perform } from '../../vending/command.ts';
import { REQUEST_ID_PATTERN } from '../../vending/model/idempotency.ts';
import type { Problem } from '../../vending/model/problems.ts';
import { type Authority, authorityOf } from '../../vending/policy/authority.ts';
import type { Caller } from '../../vending/ports/callers.ts';
import { fieldErrors } from '../../vending/request/field-errors.ts';
import { overlapMsOf, rotationSchema } from '../../vending/request/operation.ts';
import type { SagaEffects, SagaPorts } from '../../vending/saga/ports.ts';
import { portsFor } from '../context-log.ts';
import { authenticated } from './guarded.ts';
import type { KeyServices } from './key-services.ts';
import { readJsonBody } from './read-body.ts';
import { outcomeResponse, problemResponse } from './responses.ts';

/** `DELETE /api/v1/api-keys/{requestId}[?validateOnly=true]`: for the request's own caller and for operators. */
export function revokeKeyOf({ authenticator, effects, settings, operatorRole }: KeyServices): HttpHandler {
  return authenticated(authenticator, async (http, caller, context) => {
    const requestId = requestIdOf(http);
    if (requestId === undefined) return problemResponse(NOT_FOUND);
    const validateOnly = http.query.get('validateOnly') ?? 'false';
    if (validateOnly !== 'true' && validateOnly !== 'false') return problemResponse(INVALID_QUERY, requestId);
    const authority = authorityOf(caller, operatorRole);
    const command = { operation: 'revoke', authority, requestId, validateOnly: validateOnly === 'true' } as const;
    return outcomeResponse(
      http,
      context,
      await perform(portsOf(effects, { http, context, authority, caller }), settings, command),
    );
  });
}

/** `POST /api/v1/api-keys/{requestId}/rotate`: for the request's own caller and for operators. */
export function rotateKeyOf({ authenticator, effects, settings, operatorRole }: KeyServices): HttpHandler {
  return authenticated(authenticator, async (http, caller, context) => {
    const requestId = requestIdOf(http);
    if (requestId === undefined) return problemResponse(NOT_FOUND);
    const body = await readJsonBody(http);
    if (body.kind === 'refused') return problemResponse(body.problem, requestId);
    const parsed = rotationSchema.safeParse(body.value);
    if (!parsed.success) {
      const detail = 'The request breaks the rules listed in errors.';
      return problemResponse({ type: 'invalid-request', detail, errors: fieldErrors(parsed.error.issues) }, requestId);
    }
    const { validateOnly = false, ...terms } = parsed.data;
    const authority = authorityOf(caller, operatorRole);
    const overlapMs = overlapMsOf(terms);
    const command = { operation: 'rotate', authority, requestId, overlapMs, validateOnly } as const;
    return outcomeResponse(
      http,
      context,
      await perform(portsOf(effects, { http, context, authority, caller }), settings, command),
    );
  });
}

function requestIdOf(http: HttpRequest): string | undefined {
  const { requestId = '' } = http.params;
  return REQUEST_ID_PATTERN.test(requestId) ? requestId : undefined;
}

/** What an operator does to somebody else's key is told under the operator's name. */
function portsOf(effects: SagaEffects, { http, context, authority, caller }: Asked): SagaPorts {
  const actor = authority.kind === 'operator' ? `operator:${caller.id}` : 'worker';
  return portsFor(effects, context, actor, http.headers.get('traceparent'));
}

interface Asked {
  readonly http: HttpRequest;
  readonly context: InvocationContext;
  readonly authority: Authority;
  readonly caller: Caller;
}

const NOT_FOUND: Problem = { type: 'not-found', detail: 'No request with this id is yours.' };
const INVALID_QUERY: Problem = { type: 'invalid-request', detail: 'validateOnly must be true or false.' };
