import type { HttpHandler, HttpResponseInit } from '@azure/functions';
import {
  bulkChangeSchema,
  bulkSchema,
  changeBulk,
  NO_BULK,
  previewBulk,
  type Started,
  startBulk,
} from '../../vending/commands/bulk.ts';
import { bulkViewOf, readBulk } from '../../vending/commands/bulk-progress.ts';
import { CREDENTIAL_ID_PATTERN } from '../../vending/model/idempotency.ts';
import { noParameters, readIdempotencyHeader } from './parameters.ts';
import { parseBody, readJsonBody } from './read-body.ts';
import { failureResponse, jsonResponse, problemResponse } from './responses.ts';
import { type AuthenticatedRequest, authenticated, forOperators, type HttpServices, operatorContext } from './route.ts';

/** `POST /api/v1/operations/bulk`: revokes or rotates what a filter names. */
export function beginBulk(services: HttpServices): HttpHandler {
  return authenticated(
    services.gate,
    noParameters,
    forOperators(services, async (asked) => {
      const { http } = asked;
      const body = parseBody(await readJsonBody(http), bulkSchema);
      if (body.kind === 'invalid') return problemResponse(body.problem);
      const ctx = operatorContext(services, asked);
      if (body.value.validateOnly === true) return answer(asked, await previewBulk(ctx, body.value));
      const key = readIdempotencyHeader(http.headers.get('idempotency-key'));
      if (key.kind === 'invalid') return problemResponse(key.problem);
      return answer(asked, await startBulk(ctx, { by: ctx.actor.name, key: key.value, request: body.value }));
    }),
  );
}

/** `GET /api/v1/operations/bulk/{id}`: how far it is. */
export function getBulk(services: HttpServices): HttpHandler {
  return authenticated(
    services.gate,
    noParameters,
    forOperators(services, async (asked) => {
      const id = idOf(asked);
      const read = id === undefined ? undefined : await readBulk(operatorContext(services, asked), id);
      return read?.kind === 'read'
        ? jsonResponse(200, read.progress)
        : failureResponse(asked.context, read?.problem ?? NO_BULK, { caller: asked.caller });
    }),
  );
}

/** `POST /api/v1/operations/bulk/{id}`: pauses, resumes or cancels it. */
export function controlBulk(services: HttpServices): HttpHandler {
  return authenticated(
    services.gate,
    noParameters,
    forOperators(services, async (asked) => {
      const id = idOf(asked);
      if (id === undefined) return problemResponse(NO_BULK);
      const body = parseBody(await readJsonBody(asked.http), bulkChangeSchema);
      if (body.kind === 'invalid') return problemResponse(body.problem);
      return answer(asked, await changeBulk(operatorContext(services, asked), id, body.value.state), 200);
    }),
  );
}

const idOf = ({ http }: AuthenticatedRequest): string | undefined => {
  const { id = '' } = http.params;
  return CREDENTIAL_ID_PATTERN.test(id) ? id : undefined;
};

/** The operation alone: a look at its members could fail, and the caller needs the id. */
function answer({ context, caller }: AuthenticatedRequest, started: Started, begun = 202): HttpResponseInit {
  switch (started.kind) {
    case 'problem':
      return failureResponse(context, started.problem, { caller });
    case 'previewed':
      return jsonResponse(200, started.preview);
    case 'started':
      return jsonResponse(started.isReplay ? 200 : begun, bulkViewOf(started.bulk, started.state));
  }
}
