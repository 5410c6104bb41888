import * as z from 'zod';
import type { Intent, IntentState } from '../intent.ts';
import { keyIdOf } from '../model/audit.ts';
import { markerOf } from '../model/idempotency.ts';
import { OPEN_STATES } from '../operate/list.ts';
import type { RevokeOutcome } from '../revoke.ts';

/** What a caller sees of a request that has not vended (yet). */
export const requestStatusSchema = z.strictObject({
  requestId: z.string(),
  status: z.enum(OPEN_STATES).meta({
    description:
      '`minting`, `minted`: in progress. `compensating`: the key is being deleted. `failed`: no key of this request is live. `unknown`: a key may live under the marker. `superseded`: rotated, the key lives until `revokeAt`. `revoking`: it is being deleted. `revoked`: it is gone.',
  }),
  attempt: z.int(),
  createdAt: z.iso.datetime(),
  marker: z.string().meta({ description: 'The last word of the description of the key, if there is one.' }),
  secretName: z.string(),
  vaultUrl: z.string(),
  apiKeyId: z.string().exactOptional(),
  supersedes: z.string().exactOptional().meta({ description: 'Of a rotation: the request whose key it replaces.' }),
  successor: z.string().exactOptional().meta({ description: 'The request of the rotation that replaced the key.' }),
  revokeAt: z.iso.datetime().exactOptional(),
  revokedAt: z.iso.datetime().exactOptional(),
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
    ...apiKeyIdOf(intent),
    ...(intent.supersedes === undefined ? {} : { supersedes: intent.supersedes.intentId }),
    ...('successor' in state && state.successor !== undefined ? { successor: state.successor } : {}),
    ...(state.kind === 'superseded' ? { revokeAt: new Date(state.revokeAt).toISOString() } : {}),
    ...(state.kind === 'revoked' ? { revokedAt: new Date(state.since).toISOString() } : {}),
    ...('problem' in state ? { problem: { type: state.problem.type, detail: state.problem.detail } } : {}),
  };
}

/** A revoked key, and whether a rotation has another one in its place. */
export function revokedStatusOf({ intent, successor }: Extract<RevokeOutcome, { kind: 'revoked' }>): RequestStatus {
  const status = statusOf(intent, intent.state);
  return successor === undefined ? status : { ...status, successor };
}

/** Of a revoked key the state names none any more: it is the last of those that are gone. */
function apiKeyIdOf({ state, earlierKeys }: Intent): { apiKeyId?: string } {
  const gone = state.kind === 'revoked' ? earlierKeys.at(-1) : undefined;
  return gone === undefined ? keyIdOf(state) : { apiKeyId: gone };
}
