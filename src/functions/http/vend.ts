import type { HttpHandler } from '@azure/functions';
import { executeCommand } from '../../vending/commands/command.ts';
import { invalidRequest } from '../../vending/model/problems.ts';
import { parseRequest, type VendRequest } from '../../vending/request/request.ts';
import { contextFor } from '../context-log.ts';
import { authenticated } from './guarded.ts';
import { readIdempotencyKey } from './idempotency-header.ts';
import { noParameters } from './query.ts';
import { readJsonBody } from './read-body.ts';
import { outcomeResponse, problemResponse } from './responses.ts';
import type { HttpServices } from './services.ts';

/** `POST /api/v1/credentials` */
export function vendKey({ gate, effects, settings }: HttpServices): HttpHandler {
  return authenticated(gate, noParameters, async ({ http, context, caller }) => {
    const body = await readJsonBody(http);
    if (body.kind === 'refused') return problemResponse(body.problem);
    const parsed = parseRequest(body.value);
    if (parsed.kind === 'invalid') return problemResponse(invalidRequest(parsed.errors));
    const { request } = parsed;
    const key = readIdempotencyKey(http.headers.get('idempotency-key'), request.idempotencyKey);
    if (key.kind === 'refused') return problemResponse(key.problem);
    const ctx = contextFor(effects, context, { party: 'worker', name: 'worker' }, http.headers.get('traceparent'));
    const { validateOnly = false } = request;
    const outcome = await executeCommand(ctx, settings, {
      operation: 'vend',
      caller,
      request,
      key: { kind: 'key', key: key.key },
      validateOnly,
    });
    return outcomeResponse(http, context, outcome, { caller, target: targetOf(request) });
  });
}

/** The target as the request names it, without configured defaults. */
function targetOf({
  subscriptionId,
  resourceGroupName,
  organizationName,
  environmentId,
  clusterId,
}: VendRequest): Readonly<Record<string, string>> {
  return {
    ...(subscriptionId !== undefined && { subscriptionId }),
    ...(resourceGroupName !== undefined && { resourceGroupName }),
    ...(organizationName !== undefined && { organizationName }),
    environmentId,
    clusterId,
  };
}
