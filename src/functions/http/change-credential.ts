import type { HttpHandler } from '@azure/functions';
import * as z from 'zod';
import { type Command, executeCommand } from '../../vending/commands/command.ts';
import type { Outcome } from '../../vending/commands/outcome.ts';
import { requestKeyOf } from '../../vending/model/idempotency.ts';
import { invalidRequest } from '../../vending/model/problems.ts';
import { fieldErrors } from '../../vending/request/field-errors.ts';
import { endOverlapSchema, hashRotation, overlapMsOf, rotationSchema } from '../../vending/request/operation.ts';
import { withoutNulls } from '../../vending/request/request.ts';
import { type Asked, authenticated } from './guarded.ts';
import { readIdempotencyHeader } from './idempotency-header.ts';
import { noParameters } from './query.ts';
import { type BodyRead, readJsonBody, readOptionalJsonBody, refuseBody } from './read-body.ts';
import { outcomeResponse, problemResponse } from './responses.ts';
import { type HttpServices, onCredential, whoAsks } from './services.ts';

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
    onCredential(async (asked, id) => {
      const refusal = await refuseBody(asked.http, 'A DELETE takes no body. To try it out, add ?validateOnly=true.');
      if (refusal !== undefined) return problemResponse(refusal, id);
      const { authority, ctx } = whoAsks(services, asked);
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
    onCredential(async (asked, id) => {
      const { http, caller } = asked;
      const body = parsed(await readOptionalJsonBody(http), rotationSchema);
      if (body.kind === 'refused') return problemResponse(body.problem, id);
      const key = readIdempotencyHeader(http.headers.get('idempotency-key'));
      if (key.kind === 'refused') return problemResponse(key.problem, id);
      const { validateOnly = false, ...terms } = body.value;
      const { authority, ctx } = whoAsks(services, asked);
      const command: Command = {
        operation: 'rotate',
        authority,
        id,
        requestKey: requestKeyOf(caller.id, { kind: 'key', key: key.key }),
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
    onCredential(async (asked, id) => {
      const body = parsed(await readJsonBody(asked.http), endOverlapSchema);
      if (body.kind === 'refused') return problemResponse(body.problem, id);
      const { apiKeyId, validateOnly = false } = body.value;
      const { authority, ctx } = whoAsks(services, asked);
      const command: Command = { operation: 'end-overlap', authority, id, apiKeyId, validateOnly };
      return answer(asked, await executeCommand(ctx, services.settings, command));
    }),
  );
}

const answer = ({ http, context, caller }: Asked, outcome: Outcome) =>
  outcomeResponse(http, context, outcome, { caller });

/** A body as its schema has it. An explicit null is an absent field. */
export function parsed<Value>(body: BodyRead, schema: z.ZodType<Value>) {
  if (body.kind === 'refused') return body;
  const result = schema.safeParse(withoutNulls(body.value));
  return result.success
    ? ({ kind: 'read', value: result.data } as const)
    : ({ kind: 'refused', problem: invalidRequest(fieldErrors(result.error.issues)) } as const);
}
