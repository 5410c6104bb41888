import type { HttpHandler } from '@azure/functions';
import { perform } from '../../vending/command.ts';
import { parseRequest } from '../../vending/request/request.ts';
import { portsFor } from '../context-log.ts';
import { authenticated } from './guarded.ts';
import { readIdempotencyKey } from './idempotency-header.ts';
import type { KeyServices } from './key-services.ts';
import { readJsonBody } from './read-body.ts';
import { outcomeResponse, problemResponse } from './responses.ts';

/** `POST /api/v1/api-keys` */
export function vendKey({ authenticator, effects, settings }: KeyServices): HttpHandler {
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
    const command = { operation: 'vend', caller, request, key: { kind: 'key', key: key.key } } as const;
    const ports = portsFor(effects, context, 'worker', http.headers.get('traceparent'));
    return outcomeResponse(http, context, await perform(ports, settings, command));
  });
}
