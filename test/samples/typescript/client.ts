import createClient from 'openapi-fetch';
import type { components, paths } from './api.d.ts';
import { fetchPatiently } from './retry.ts';

export type VendRequest = components['schemas']['VendRequest'];
export type Credential = components['schemas']['Credential'];
export type Problem = components['schemas']['Problem'];

/** An answer that says why there is no credential. */
export class VendingError extends Error {
  readonly status: number;
  readonly problem: Problem | undefined;

  constructor(status: number, problem: Problem | undefined) {
    super(problem?.detail ?? `The service answered ${status} without a problem.`);
    this.status = status;
    this.problem = problem;
  }
}

/** Vends and keeps one credential for each idempotency key. @param token of Entra ID, fetched when it is needed */
export function createVending(baseUrl: string, token: () => Promise<string>) {
  const client = createClient<paths>({ baseUrl, fetch: fetchPatiently });
  client.use({
    onRequest: async ({ request }) => {
      request.headers.set('authorization', `Bearer ${await token()}`);
    },
  });
  return {
    vend: async (idempotencyKey: string, body: VendRequest): Promise<Credential> =>
      answerOf(
        await client.POST('/v1/credentials', { params: { header: { 'Idempotency-Key': idempotencyKey } }, body }),
      ),
    read: async (id: string): Promise<Credential> =>
      answerOf(await client.GET('/v1/credentials/{id}', { params: { path: { id } } })),
    rotate: async (idempotencyKey: string, { id, apiKey }: Credential): Promise<Credential> =>
      answerOf(
        await client.POST('/v1/credentials/{id}/rotate', {
          params: { path: { id }, header: { 'Idempotency-Key': idempotencyKey } },
          // Nothing happens if somebody else has rotated it meanwhile.
          body: apiKey === undefined ? {} : { replaces: apiKey.id },
        }),
      ),
    revoke: async (id: string): Promise<Credential> =>
      answerOf(await client.DELETE('/v1/credentials/{id}', { params: { path: { id } } })),
  };
}

interface Answer {
  readonly data?: Credential;
  readonly error?: Problem | undefined;
  readonly response: Response;
}

/** @throws VendingError for a problem */
function answerOf({ data, error, response }: Answer): Credential {
  if (data === undefined) throw new VendingError(response.status, error);
  return data;
}
