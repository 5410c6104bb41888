import type { Order } from './orders.ts';

/** What a client asks over HTTP, and how. */
export interface Question {
  readonly operation: 'vend' | 'rotate' | 'revoke';
  /** Of the request that it is about. */
  readonly requestId: string;
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
  /** How long a client waits before it asks again, the first few times. */
  readonly patienceMs: number;
  /** Until when a rotation that comes too soon is asked for again. */
  readonly persistsUntil?: AbortSignal;
}

export type HttpOrder = Extract<Order, { kind: 'http' }>;

const JSON_BODY = { 'content-type': 'application/json' };

export const vendOf = ({ requestId, key, body, patienceMs }: HttpOrder): Question => ({
  operation: 'vend',
  method: 'POST',
  path: '/api/v1/api-keys',
  headers: { ...JSON_BODY, 'idempotency-key': key },
  ...{ requestId, body, patienceMs },
});

export const rotationOf = (requestId: string, patienceMs: number): Question => ({
  operation: 'rotate',
  method: 'POST',
  path: `/api/v1/api-keys/${requestId}/rotate`,
  headers: JSON_BODY,
  body: {},
  ...{ requestId, patienceMs },
});

export const revocationOf = (requestId: string, patienceMs: number): Question => ({
  operation: 'revoke',
  method: 'DELETE',
  path: `/api/v1/api-keys/${requestId}`,
  headers: {},
  ...{ requestId, patienceMs },
});
