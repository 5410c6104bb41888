import type { HttpHandler, HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import { operatorViewOf } from '../../vending/answers/operator-view.ts';
import { findKey, UNKNOWN_KEY } from '../../vending/commands/find-key.ts';
import { listOpen } from '../../vending/commands/list-open.ts';
import { failed } from '../../vending/commands/outcome.ts';
import { resolutionSchema } from '../../vending/commands/resolution.ts';
import { resolveCredential as resolve } from '../../vending/commands/resolve.ts';
import { LEDGER_UNAVAILABLE, problemOf } from '../../vending/model/problems.ts';
import { API_KEY_ID } from '../../vending/model/resource-names.ts';
import { OPEN_REASONS } from '../../vending/review/open.ts';
import type { Context } from '../../vending/saga/context.ts';
import { contextFor, contextLog } from '../context-log.ts';
import { parsed } from './change-credential.ts';
import { type Asked, authenticated } from './guarded.ts';
import { noParameters, pageParameters } from './query.ts';
import { readJsonBody } from './read-body.ts';
import { failureResponse, jsonResponse, problemResponse, ROLES_ARRIVE_LATE } from './responses.ts';
import { type HttpServices, onCredential } from './services.ts';

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
      const page = await listOpen(asOperator(services, asked), query);
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
      const ctx = asOperator(services, asked);
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
      onCredential(async (asked, id) => {
        const { http, context, caller } = asked;
        const body = parsed(await readJsonBody(http), resolutionSchema);
        if (body.kind === 'refused') return problemResponse(body.problem, id);
        contextLog(context)({ level: 'warn', event: 'resolve-asked', credentialId: id, caller: caller.id });
        const ctx = asOperator(services, asked);
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

/** The audit trail names the operator. */
export const asOperator = ({ effects }: Pick<HttpServices, 'effects'>, { context, caller, http }: Asked): Context =>
  contextFor(effects, context, { party: 'operator', name: `operator:${caller.id}` }, http.headers.get('traceparent'));

/** Asks for the role before anything else is looked at. */
export function forOperators<Query>(
  { operatorRole }: Pick<HttpServices, 'operatorRole'>,
  handler: (asked: Asked<Query>) => Promise<HttpResponseInit>,
): (asked: Asked<Query>) => Promise<HttpResponseInit> {
  return async (asked) =>
    asked.caller.roles.includes(operatorRole)
      ? handler(asked)
      : failureResponse(asked.context, FOR_OPERATORS, { caller: asked.caller });
}

const FOR_OPERATORS = problemOf(
  'forbidden',
  `This is for callers with the app role of operators. ${ROLES_ARRIVE_LATE}`,
);
