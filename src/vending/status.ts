import * as z from 'zod';
import { markerOf } from './idempotency.ts';
import type { Intent, IntentState } from './intent.ts';

/** What a caller sees of a request that has not vended (yet). */
export const requestStatusSchema = z.strictObject({
  requestId: z.string(),
  status: z.enum(['minting', 'minted', 'compensating', 'failed', 'unknown']).meta({
    description:
      '`minting`, `minted`: in progress. `compensating`: the key is being deleted. `failed`: no key of this request is live. `unknown`: a key may live under the marker.',
  }),
  attempt: z.int(),
  createdAt: z.iso.datetime(),
  marker: z.string().meta({ description: 'The last word of the description of the key, if there is one.' }),
  secretName: z.string(),
  vaultUrl: z.string(),
  problem: z.strictObject({ type: z.string(), detail: z.string() }).optional(),
});

export type RequestStatus = z.infer<typeof requestStatusSchema>;

export function statusOf(intent: Intent, state: Exclude<IntentState, { kind: 'vended' }>): RequestStatus {
  return {
    requestId: intent.id,
    status: state.kind,
    attempt: intent.attempt,
    createdAt: new Date(intent.createdAt).toISOString(),
    marker: markerOf(intent.id, intent.attempt),
    secretName: intent.secretName,
    vaultUrl: intent.vaultUrl,
    ...('problem' in state ? { problem: { type: state.problem.type, detail: state.problem.detail } } : {}),
  };
}
