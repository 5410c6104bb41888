import type { HttpHandler } from '@azure/functions';
import { problemOf } from '../../vending/model/problems.ts';
import { guarded } from './guarded.ts';
import { problemResponse } from './responses.ts';

/**
 * `OPTIONS /api/v1/events`: the handshake in which a sender of CloudEvents asks whether this service wants its events. Its
 * specification has it anonymous. It says nothing but yes: a delivery is authenticated all the same.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md#4-abuse-protection
 *
 * @param allowedOrigins DNS names such as `eventgrid.azure.net`, in any case.
 */
export function agreeToEvents(allowedOrigins: readonly string[]): HttpHandler {
  const allowed = new Set(allowedOrigins.map((origin) => origin.toLowerCase()));
  return guarded(async (http) => {
    const origin = http.headers.get('webhook-request-origin')?.trim() ?? '';
    // Anybody can ask, so a refusal makes no log record.
    if (!allowed.has(origin.toLowerCase())) return problemResponse(NOT_ALLOWED);
    return {
      status: 200,
      headers: {
        Allow: 'POST, OPTIONS',
        'Cache-Control': 'no-store',
        // As the sender spelled it: it compares.
        'WebHook-Allowed-Origin': origin,
        'WebHook-Allowed-Rate': '*',
      },
    };
  });
}

const NOT_ALLOWED = problemOf('forbidden', 'This origin is not allowed to send events here.');
