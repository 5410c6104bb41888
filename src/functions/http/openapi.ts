import type { HttpHandler } from '@azure/functions';
import { buildOpenApiDocument } from '../openapi/document.ts';
import { jsonResponse } from './responses.ts';

/** `GET /api/v1/openapi.json`, built at the first request: no vend needs it. */
export function openApi(): HttpHandler {
  let document: object | undefined;
  return async () => {
    document ??= buildOpenApiDocument();
    return jsonResponse(200, document);
  };
}
