import type { HttpHandler } from '@azure/functions';
import type { Problem } from '../../vending/model/problems.ts';
import { guarded } from './guarded.ts';
import { problemResponse } from './responses.ts';

/**
 * `OPTIONS /api/v1/events`: the handshake by which a sender of CloudEvents asks whether its events are wanted. Anonymous
 * by its specification, and it says nothing but yes: a delivery is authenticated all the same.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md#4-abuse-protection
 *
 * @param allowedOrigins DNS names such as `eventgrid.azure.net`, in any case.
 */
export function agreeToEvents(allowedOrigins: readonly string[]): HttpHandler {
  const allowed = new Set(allowedOrigins.map((origin) => origin.toLowerCase()));
  return guarded(async (http) => {
    const origin = http.headers.get('webhook-request-origin')?.trim() ?? '';
    if (!allowed.has(origin.toLowerCase())) return problemResponse(NOT_ALLOWED);
    return {
      status: 200,
      headers: {
        Allow: 'POST, OPTIONS',
        'Cache-Control': 'no-store',
        // As it was supplied: the sender compares.
        'WebHook-Allowed-Origin': origin,
        'WebHook-Allowed-Rate': '*',
      },
    };
  });
}

const NOT_ALLOWED: Problem = { type: 'forbidden', detail: 'This origin is not allowed to send events here.' };
