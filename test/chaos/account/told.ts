import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { buildResult } from '../../../src/vending/answers/result.ts';
import type { Intent } from '../../../src/vending/intent.ts';
import type { LedgerView } from '../evidence.ts';

const toldSchema = z.object({
  requestId: z.string(),
  secret: z.object({ id: z.string() }).optional(),
  apiKey: z.object({ id: z.string() }).optional(),
});

export const requestIdIn = (body: unknown): string | undefined => toldSchema.safeParse(body).data?.requestId;

/** What somebody was told is what the ledger says of the key, or said while there was one. */
export function differs(who: string, body: unknown, { intents }: LedgerView): string[] {
  const intent = intents.get(requestIdIn(body) ?? '');
  if (intent !== undefined && isTold(intent, body)) return [];
  return [`${who} was told vended, and the ledger says ${intent?.state.kind ?? 'nothing'} or another key`];
}

function isTold(intent: Intent, body: unknown): boolean {
  const { state } = intent;
  switch (state.kind) {
    case 'vended':
    case 'superseded':
    case 'revoking': {
      const { key, secret } = state;
      return isDeepStrictEqual(body, buildResult({ ...intent, state: { kind: 'vended', key, secret } }));
    }
    case 'revoked': {
      const { secret, apiKey } = toldSchema.parse(body);
      return secret?.id === state.secret.id && apiKey?.id === intent.earlierKeys.at(-1);
    }
    default:
      return false;
  }
}
