import type { HttpHandler } from '@azure/functions';
import { buildOpenApiDocument } from '../openapi/document.ts';
import { jsonResponse } from './responses.ts';

/** `GET /api/v1/openapi.json` */
export const openApi: HttpHandler = async () => jsonResponse(200, buildOpenApiDocument());
