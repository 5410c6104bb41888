import type { HttpHandler, HttpResponseInit } from '@azure/functions';
import { bulkChangeSchema, bulkSchema, changeBulk, type Started, startBulk } from '../../vending/commands/bulk.ts';
import { readBulk } from '../../vending/commands/bulk-progress.ts';
import type { Context } from '../../vending/saga/context.ts';
import { parsed } from './change-credential.ts';
import { type Asked, authenticated } from './guarded.ts';
import { readIdempotencyHeader } from './idempotency-header.ts';
import { asOperator, forOperators } from './operations.ts';
import { noParameters } from './query.ts';
import { readJsonBody } from './read-body.ts';
import { failureResponse, jsonResponse, problemResponse } from './responses.ts';
import { type HttpServices, onCredential } from './services.ts';

/** `POST /api/v1/operations/bulk`: revokes or rotates what a filter names. */
export function beginBulk(services: HttpServices): HttpHandler {
  return authenticated(
    services.gate,
    noParameters,
    forOperators(services, async (asked) => {
      const { http, caller } = asked;
      const body = parsed(await readJsonBody(http), bulkSchema);
      if (body.kind === 'refused') return problemResponse(body.problem);
      const key = readIdempotencyHeader(http.headers.get('idempotency-key'));
      if (key.kind === 'refused') return problemResponse(key.problem);
      const ctx = asOperator(services, asked);
      const started = await startBulk(ctx, { by: `operator:${caller.id}`, key: key.key, request: body.value });
      return answer(ctx, asked, started);
    }),
  );
}

/** `GET /api/v1/operations/bulk/{id}`: how far it is. */
export function getBulk(services: HttpServices): HttpHandler {
  return authenticated(
    services.gate,
    noParameters,
    forOperators(
      services,
      onCredential(async (asked, id) => progressOf(asOperator(services, asked), asked, id, 200)),
    ),
  );
}

/** `POST /api/v1/operations/bulk/{id}`: pauses, resumes or cancels it. */
export function controlBulk(services: HttpServices): HttpHandler {
  return authenticated(
    services.gate,
    noParameters,
    forOperators(
      services,
      onCredential(async (asked, id) => {
        const body = parsed(await readJsonBody(asked.http), bulkChangeSchema);
        if (body.kind === 'refused') return problemResponse(body.problem);
        const ctx = asOperator(services, asked);
        return answer(ctx, asked, await changeBulk(ctx, id, body.value.state));
      }),
    ),
  );
}

async function answer(ctx: Context, asked: Asked, started: Started): Promise<HttpResponseInit> {
  switch (started.kind) {
    case 'problem':
      return failureResponse(asked.context, started.problem, { caller: asked.caller });
    case 'previewed':
      return jsonResponse(200, started.preview);
    case 'started':
      return progressOf(ctx, asked, started.bulk.id, started.isReplay ? 200 : 202);
  }
}

async function progressOf(ctx: Context, asked: Asked, id: string, status: number): Promise<HttpResponseInit> {
  const read = await readBulk(ctx, id);
  return read.kind === 'problem'
    ? failureResponse(asked.context, read.problem, { caller: asked.caller })
    : jsonResponse(status, read.progress);
}
