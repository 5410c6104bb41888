import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { createHttpHeaders, createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline';
import { expect, it } from 'vitest';
import { OneRequest } from '../../../src/azure/arm/one-request.ts';

const request = createPipelineRequest({ url: 'https://arm.invalid', method: 'POST' });

/** Gives out sockets that are connected to nothing, and counts them. */
function connections(): { take(): Promise<TLSSocket>; readonly taken: () => number } {
  let taken = 0;
  const take = async () => {
    taken += 1;
    return new TLSSocket(new Socket());
  };
  return { take, taken: () => taken };
}

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
  const one = new OneRequest(client, connections());
  await one.sendRequest(request);
  await expect(one.sendRequest(request)).rejects.toThrow('not sent again');
  expect({ sent: client.sent(), stage: one.stage }).toEqual({ sent: 1, stage: 'sent' });
});

it('sends again, over another connection, what was refused with a 401', async () => {
  const client = clientAnswering(401, 200);
  const connection = connections();
  const one = new OneRequest(client, connection);
  await one.sendRequest(request);
  expect(one.stage).toBe('authorizing');
  await one.sendRequest(request);
  expect({ sent: client.sent(), taken: connection.taken(), stage: one.stage }).toEqual({
    sent: 2,
    taken: 2,
    stage: 'sent',
  });
});

it('sends one of two that are asked for at the same time', async () => {
  const client = clientAnswering(200, 200);
  const one = new OneRequest(client, connections());
  const results = await Promise.allSettled([one.sendRequest(request), one.sendRequest(request)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(client.sent()).toBe(1);
});

it('sends nothing after the deadline', async () => {
  const client = clientAnswering(200);
  const one = new OneRequest(client, connections());
  const late = createPipelineRequest({ url: request.url, method: 'POST', abortSignal: AbortSignal.abort() });
  await expect(one.sendRequest(late)).rejects.toThrow('deadline');
  expect({ sent: client.sent(), stage: one.stage }).toEqual({ sent: 0, stage: 'connecting' });
});

it('sends nothing without a connection', async () => {
  const client = clientAnswering(200);
  const one = new OneRequest(client, { take: () => Promise.reject(new Error('no connection')) });
  await expect(one.sendRequest(request)).rejects.toThrow('no connection');
  expect({ sent: client.sent(), stage: one.stage }).toEqual({ sent: 0, stage: 'connecting' });
});
