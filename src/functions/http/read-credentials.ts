import type { HttpHandler, HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { answerOf } from '../../vending/answers/credential.ts';
import { csvOf } from '../../vending/answers/csv.ts';
import { filterSchema } from '../../vending/commands/filter.ts';
import { findCredential } from '../../vending/commands/find.ts';
import { listRows, pageOf } from '../../vending/commands/list.ts';
import { LEDGER_UNAVAILABLE } from '../../vending/model/problems.ts';
import { noParameters, pageParameters, pageSize } from './parameters.ts';
import { csvResponse, failureResponse, jsonResponse } from './responses.ts';
import { authenticated, callerContext, type HttpServices, withCredentialId } from './route.ts';

/** `GET /api/v1/credentials/{id}`: for its caller, its managers and operators. To everybody else it does not exist. */
export function getCredential(services: HttpServices): HttpHandler {
  const { gate, settings } = services;
  return authenticated(
    gate,
    noParameters,
    withCredentialId(async (asked, id) => {
      const { authority, ctx } = callerContext(services, asked);
      const found = await findCredential(ctx, settings.policy, { authority, id });
      return found.kind === 'problem'
        ? failureResponse(asked.context, found.problem, { credentialId: id, caller: asked.caller })
        : jsonResponse(200, answerOf(found.row.credential));
    }),
  );
}

const listParameters = pageParameters.extend({
  ...filterSchema.shape,
  limit: pageSize(1_000),
  managed: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .transform((text) => text === 'true')
    .default(false),
});

/** `GET /api/v1/credentials`: a caller's own, those that it manages, or all of them for operators; as JSON or CSV. */
export function getCredentials(services: HttpServices): HttpHandler {
  return authenticated(services.gate, listParameters, async (asked) => {
    const { authority, ctx } = callerContext(services, asked);
    const { limit, cursor, managed, ...filter } = asked.query;
    const page = await listRows(ctx, services.settings.policy, { authority, filter, managed, limit, cursor });
    if (page === undefined) return failureResponse(asked.context, LEDGER_UNAVAILABLE, { caller: asked.caller });
    return wantsCsv(asked.http)
      ? csvResponse(csvOf(page, authority.kind === 'operator'), nextOf(asked.http, page.next))
      : jsonResponse(200, pageOf(page, authority));
  });
}

/** JSON unless a table is asked for, and no less than JSON. A quality of 0 refuses it. */
function wantsCsv({ headers }: HttpRequest): boolean {
  const accept = headers.get('accept') ?? '';
  const csv = qualityOf(accept, 'text/csv');
  return csv > 0 && csv >= qualityOf(accept, 'application/json');
}

/** Of a media type in an `Accept` header, from 0 to 1; 0 where it is not named. */
function qualityOf(accept: string, mediaType: string): number {
  const ranges = accept.split(',').map((range) => range.split(';').map((part) => part.trim().toLowerCase()));
  const parameters = ranges.find(([name]) => name === mediaType)?.slice(1);
  const quality = parameters?.find((parameter) => /^q\s*=/.test(parameter));
  return parameters === undefined ? 0 : Number(quality?.replace(/^q\s*=/, '') ?? 1);
}

/** A table has no place for the cursor. A relative reference, so that it holds behind a gateway too. */
function nextOf({ query }: HttpRequest, next: string | undefined): string | undefined {
  if (next === undefined) return undefined;
  const following = new URLSearchParams(query);
  following.set('cursor', next);
  return `?${following}`;
}
