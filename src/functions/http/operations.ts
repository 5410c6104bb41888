import type { HttpHandler } from '@azure/functions';
import * as z from 'zod';
import { operatorViewOf } from '../../vending/answers/credential.ts';
import { findKey, UNKNOWN_KEY } from '../../vending/commands/find.ts';
import { listOpen, OPEN_REASONS } from '../../vending/commands/open.ts';
import { failed } from '../../vending/commands/outcome.ts';
import { resolutionSchema } from '../../vending/commands/resolution.ts';
import { resolveCredential as resolve } from '../../vending/commands/resolve.ts';
import { LEDGER_UNAVAILABLE } from '../../vending/model/problems.ts';
import { API_KEY_ID } from '../../vending/model/resources.ts';
import { contextLog } from '../context.ts';
import { noParameters, pageParameters } from './parameters.ts';
import { parseBody, readJsonBody } from './read-body.ts';
import { failureResponse, jsonResponse, problemResponse } from './responses.ts';
import { authenticated, forOperators, type HttpServices, operatorContext, withCredentialId } from './route.ts';

const openParameters = pageParameters.extend({
  reason: z.enum(OPEN_REASONS, { error: `must be one of ${OPEN_REASONS.join(', ')}` }).exactOptional(),
});

/** `GET /api/v1/operations/credentials[?reason=unknown]`: what waits for a person. */
export function listOpenCredentials(services: HttpServices): HttpHandler {
  const { gate } = services;
  return authenticated(
    gate,
    openParameters,
    forOperators(services, async (asked) => {
      const { context, caller, query } = asked;
      const page = await listOpen(operatorContext(services, asked), query);
      return page === undefined ? failureResponse(context, LEDGER_UNAVAILABLE, { caller }) : jsonResponse(200, page);
    }),
  );
}

/** `GET /api/v1/operations/keys/{apiKeyId}`: whose a key is. */
export function findKeyOwner(services: HttpServices): HttpHandler {
  const { gate } = services;
  return authenticated(
    gate,
    noParameters,
    forOperators(services, async (asked) => {
      const { context, caller, http } = asked;
      const ctx = operatorContext(services, asked);
      const { apiKeyId = '' } = http.params;
      const found = API_KEY_ID.test(apiKeyId) ? await findKey(ctx, apiKeyId) : failed(UNKNOWN_KEY);
      return found.kind === 'problem'
        ? failureResponse(context, found.problem, { credentialId: found.id, caller })
        : jsonResponse(200, found.view);
    }),
  );
}

/** `POST /api/v1/operations/credentials/{id}/resolve`: an operator's word on what the service cannot find out. */
export function resolveCredential(services: HttpServices): HttpHandler {
  const { gate, settings } = services;
  return authenticated(
    gate,
    noParameters,
    forOperators(
      services,
      withCredentialId(async (asked, id) => {
        const { http, context, caller } = asked;
        const body = parseBody(await readJsonBody(http), resolutionSchema);
        if (body.kind === 'invalid') return problemResponse(body.problem, id);
        contextLog(context)({ level: 'warn', event: 'resolve-asked', credentialId: id, caller: caller.id });
        const ctx = operatorContext(services, asked);
        const outcome = await resolve(ctx, settings, { id, resolution: body.value });
        switch (outcome.kind) {
          case 'problem':
            return failureResponse(context, outcome.problem, { credentialId: id, caller });
          case 'previewed':
            return jsonResponse(200, outcome.preview);
          case 'resolved':
            return jsonResponse(200, operatorViewOf(outcome.credential));
        }
      }),
    ),
  );
}
