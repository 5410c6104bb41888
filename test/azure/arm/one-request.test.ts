import { createHttpHeaders, createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline';
import { expect, it } from 'vitest';
import { OneRequest } from '../../../src/azure/arm/one-request.ts';

const request = createPipelineRequest({ url: 'https://arm.invalid', method: 'POST' });

/** A client that answers with the statuses in turn. */
function clientAnswering(...statuses: number[]): HttpClient & { readonly sent: () => number } {
  let sent = 0;
  return {
    sent: () => sent,
    sendRequest: async (each) => ({ request: each, headers: createHttpHeaders(), status: statuses[sent++] ?? 500 }),
  };
}

it.each([200, 307, 403, 429, 500])('refuses to send again what was answered with %d', async (status) => {
  const client = clientAnswering(status, 200);
  const one = new OneRequest(client);
  await one.sendRequest(request);
  await expect(one.sendRequest(request)).rejects.toThrow('not sent again');
  expect({ sent: client.sent(), outstanding: one.outstanding }).toEqual({ sent: 1, outstanding: true });
});

it('sends again what was refused with a 401', async () => {
  const client = clientAnswering(401, 200);
  const one = new OneRequest(client);
  await one.sendRequest(request);
  expect(one.outstanding).toBe(false);
  await one.sendRequest(request);
  expect({ sent: client.sent(), outstanding: one.outstanding }).toEqual({ sent: 2, outstanding: true });
});

it('sends nothing after the deadline', async () => {
  const client = clientAnswering(200);
  const one = new OneRequest(client);
  const late = createPipelineRequest({ url: request.url, method: 'POST', abortSignal: AbortSignal.abort() });
  await expect(one.sendRequest(late)).rejects.toThrow('deadline');
  expect({ sent: client.sent(), outstanding: one.outstanding }).toEqual({ sent: 0, outstanding: false });
});
