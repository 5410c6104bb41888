import type { Asked, Change } from './changes/change.ts';
import type { HttpOrder } from './orders.ts';

/** One request over HTTP, and how a client repeats it. */
export interface Question {
  readonly asked: Asked;
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
  /** How long a client waits before it asks again, the first few times. */
  readonly patienceMs: number;
  /** A rotation that comes too soon is asked for again. */
  readonly persists?: true;
}

const JSON_BODY = { 'content-type': 'application/json' };
const CREDENTIALS = '/api/v1/credentials';

export const vendOf = ({ id, key, body, patienceMs }: HttpOrder): Question => ({
  asked: { operation: 'vend', id },
  method: 'POST',
  path: CREDENTIALS,
  headers: { ...JSON_BODY, 'idempotency-key': key },
  body,
  patienceMs,
});

export function questionOf(change: Change, patienceMs: number): Question {
  const path = `${CREDENTIALS}/${change.id}`;
  switch (change.operation) {
    case 'rotate': {
      const { key, replaces, overlap } = change;
      return {
        asked: change,
        method: 'POST',
        path: `${path}/rotate`,
        headers: { ...JSON_BODY, 'idempotency-key': key.key },
        body: { ...(replaces !== undefined && { replaces }), ...(overlap !== undefined && { overlap }) },
        patienceMs,
      };
    }
    case 'end-overlap': {
      const body = { apiKeyId: change.apiKeyId };
      return { asked: change, method: 'POST', path: `${path}/end-overlap`, headers: JSON_BODY, body, patienceMs };
    }
    case 'revoke':
      return { asked: change, method: 'DELETE', path, headers: {}, patienceMs };
  }
}
