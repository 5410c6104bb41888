import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { TableClient } from '@azure/data-tables';
import type { EmulatorRequest, EmulatorResponse } from '../../kit/http-service.ts';

/** Every entity of a table as the real client reads it, without a network. @throws RestError where there is none */
export async function readRows(
  table: string,
  answer: (request: EmulatorRequest) => EmulatorResponse,
): Promise<Record<string, unknown>[]> {
  const options = { allowInsecureConnection: true, httpClient: clientOf(answer) };
  const rows: Record<string, unknown>[] = [];
  for await (const entity of new TableClient('http://memory', table, options).listEntities()) rows.push(entity);
  return rows;
}

const clientOf = (answer: (request: EmulatorRequest) => EmulatorResponse): HttpClient => ({
  sendRequest: async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const { status, headers, body } = answer({
      method: request.method,
      host: 'memory',
      rawPath: pathname,
      query: searchParams,
      headers: { ...request.headers.toJSON(), host: 'memory' },
      body: Buffer.alloc(0),
    });
    const bodyAsText = Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body);
    return { request, status, headers: createHttpHeaders(headers), bodyAsText };
  },
});
