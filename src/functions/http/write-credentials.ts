import type { HttpHandler } from '@azure/functions';
import * as z from 'zod';
import { type Command, executeCommand } from '../../vending/commands/command.ts';
import type { Outcome } from '../../vending/commands/outcome.ts';
import { requestKeyOf } from '../../vending/model/idempotency.ts';
import { invalidRequest } from '../../vending/model/problems.ts';
import { endOverlapSchema, hashRotation, overlapMsOf, rotationSchema } from '../../vending/request/operation.ts';
import { parseRequest, type VendRequest } from '../../vending/request/request.ts';
import { contextFor } from '../context.ts';
import { noParameters, readIdempotencyHeader, readIdempotencyKey } from './parameters.ts';
import { parseBody, readJsonBody, readOptionalJsonBody, refuseBody } from './read-body.ts';
import { outcomeResponse, problemResponse } from './responses.ts';
import {
  type AuthenticatedRequest,
  authenticated,
  callerContext,
  type HttpServices,
  withCredentialId,
} from './route.ts';

/** `POST /api/v1/credentials` */
export function vendKey({ gate, effects, settings }: HttpServices): HttpHandler {
  return authenticated(gate, noParameters, async ({ http, context, caller }) => {
    const body = await readJsonBody(http);
    if (body.kind === 'invalid') return problemResponse(body.problem);
    const parsed = parseRequest(body.value);
    if (parsed.kind === 'invalid') return problemResponse(invalidRequest(parsed.errors));
    const { value: request } = parsed;
    const key = readIdempotencyKey(http.headers.get('idempotency-key'), request.idempotencyKey);
    if (key.kind === 'invalid') return problemResponse(key.problem);
    const ctx = contextFor(effects, context, { party: 'worker', name: 'worker' }, http.headers.get('traceparent'));
    const { validateOnly = false } = request;
    const outcome = await executeCommand(ctx, settings, {
      operation: 'vend',
      caller,
      request,
      key: { kind: 'key', key: key.value },
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

const revokeParameters = z.strictObject({
  validateOnly: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .default('false')
    .transform((text) => text === 'true'),
});

/** `DELETE /api/v1/credentials/{id}[?validateOnly=true]` */
export function revokeCredential(services: HttpServices): HttpHandler {
  return authenticated(
    services.gate,
    revokeParameters,
    withCredentialId(async (asked, id) => {
      const refusal = await refuseBody(asked.http, 'A DELETE takes no body. To try it out, add ?validateOnly=true.');
      if (refusal !== undefined) return problemResponse(refusal, id);
      const { authority, ctx } = callerContext(services, asked);
      const { validateOnly } = asked.query;
      return answer(
        asked,
        await executeCommand(ctx, services.settings, { operation: 'revoke', authority, id, validateOnly }),
      );
    }),
  );
}

/** `POST /api/v1/credentials/{id}/rotate` */
export function rotateKey(services: HttpServices): HttpHandler {
  return authenticated(
    services.gate,
    noParameters,
    withCredentialId(async (asked, id) => {
      const { http, caller } = asked;
      const body = parseBody(await readOptionalJsonBody(http), rotationSchema);
      if (body.kind === 'invalid') return problemResponse(body.problem, id);
      const key = readIdempotencyHeader(http.headers.get('idempotency-key'));
      if (key.kind === 'invalid') return problemResponse(key.problem, id);
      const { validateOnly = false, ...terms } = body.value;
      const { authority, ctx } = callerContext(services, asked);
      const command: Command = {
        operation: 'rotate',
        authority,
        id,
        requestKey: requestKeyOf(caller.id, { kind: 'key', key: key.value }),
        requestHash: hashRotation(terms),
        replaces: terms.replaces,
        overlapMs: overlapMsOf(terms),
        validateOnly,
      };
      return answer(asked, await executeCommand(ctx, services.settings, command));
    }),
  );
}

/** `POST /api/v1/credentials/{id}/end-overlap` */
export function endOverlap(services: HttpServices): HttpHandler {
  return authenticated(
    services.gate,
    noParameters,
    withCredentialId(async (asked, id) => {
      const body = parseBody(await readJsonBody(asked.http), endOverlapSchema);
      if (body.kind === 'invalid') return problemResponse(body.problem, id);
      const { apiKeyId, validateOnly = false } = body.value;
      const { authority, ctx } = callerContext(services, asked);
      const command: Command = { operation: 'end-overlap', authority, id, apiKeyId, validateOnly };
      return answer(asked, await executeCommand(ctx, services.settings, command));
    }),
  );
}

const answer = ({ http, context, caller }: AuthenticatedRequest, outcome: Outcome) =>
  outcomeResponse(http, context, outcome, { caller });
