import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import type { CallerAuthenticator } from '../../vending/ports/callers.ts';
import { parseRequest } from '../../vending/request.ts';
import { buildResult } from '../../vending/result.ts';
import type { VendOutcome } from '../../vending/saga/outcome.ts';
import type { SagaEffects } from '../../vending/saga/ports.ts';
import { type VendSettings, vend } from '../../vending/vend.ts';
import { portsFor } from '../context-log.ts';
import { authenticated } from './guarded.ts';
import { readIdempotencyKey } from './idempotency-header.ts';
import { readJsonBody } from './read-body.ts';
import { jsonResponse, problemResponse } from './responses.ts';

/** `POST /api/v1/api-keys` */
export function vendKey(authenticator: CallerAuthenticator, effects: SagaEffects, settings: VendSettings): HttpHandler {
  return authenticated(authenticator, async (http, caller, context) => {
    const body = await readJsonBody(http);
    if (body.kind === 'refused') return problemResponse(body.problem);
    const parsed = parseRequest(body.value);
    if (parsed.kind === 'invalid') {
      const detail = 'The request breaks the rules listed in errors.';
      return problemResponse({ type: 'invalid-request', detail, errors: parsed.errors });
    }
    const { request } = parsed;
    const key = readIdempotencyKey(http.headers.get('idempotency-key'), request);
    if (key.kind === 'refused') return problemResponse(key.problem);
    const command = { caller, request, key: { kind: 'key', key: key.key } } as const;
    return respond(http, await vend(portsFor(effects, context, 'worker'), settings, command));
  });
}

function respond(http: HttpRequest, outcome: VendOutcome): HttpResponseInit {
  if (outcome.kind === 'problem') return problemResponse(outcome.problem, outcome.requestId);
  const { intent, replayed } = outcome;
  const location = `${new URL(http.url).pathname.replace(/\/$/, '')}/${intent.id}`;
  return replayed
    ? jsonResponse(200, buildResult(intent), { Location: location, 'Idempotency-Replayed': 'true' })
    : jsonResponse(201, buildResult(intent), { Location: location });
}
