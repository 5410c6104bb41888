import type { HttpHandler } from '@azure/functions';
import { answerOf } from '../../vending/answers/credential.ts';
import { findCredential } from '../../vending/commands/find.ts';
import { listCredentials } from '../../vending/commands/list.ts';
import { LEDGER_UNAVAILABLE } from '../../vending/model/problems.ts';
import { authenticated } from './guarded.ts';
import { noParameters, pageParameters } from './query.ts';
import { failureResponse, jsonResponse } from './responses.ts';
import { type HttpServices, onCredential, whoAsks } from './services.ts';

/** `GET /api/v1/credentials/{id}`: for its caller, its managers and operators. To everybody else it does not exist. */
export function getCredential(services: HttpServices): HttpHandler {
  const { gate, settings } = services;
  return authenticated(
    gate,
    noParameters,
    onCredential(async (asked, id) => {
      const { authority, ctx } = whoAsks(services, asked);
      const found = await findCredential(ctx, settings.policy, { authority, id });
      return found.kind === 'problem'
        ? failureResponse(asked.context, found.problem, { credentialId: id, caller: asked.caller })
        : jsonResponse(200, answerOf(found.row.credential));
    }),
  );
}

/** `GET /api/v1/credentials`: a caller's own, or all of them for operators. */
export function getCredentials(services: HttpServices): HttpHandler {
  return authenticated(services.gate, pageParameters, async (asked) => {
    const { authority, ctx } = whoAsks(services, asked);
    const page = await listCredentials(ctx, { authority, ...asked.query });
    return page === undefined
      ? failureResponse(asked.context, LEDGER_UNAVAILABLE, { caller: asked.caller })
      : jsonResponse(200, page);
  });
}
