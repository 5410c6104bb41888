import type { Intent } from '../intent.ts';
import type { Problem, ProblemType } from '../model/problems.ts';

/** An intent whose secret the ledger confirms to be in the vault. */
export type VendedIntent = Intent & { readonly state: Extract<Intent['state'], { kind: 'vended' }> };

/** What a vend came to. `attempt` is 0 where the request never claimed one. */
export type VendOutcome =
  | { readonly kind: 'vended'; readonly intent: VendedIntent; readonly replayed: boolean }
  | { readonly kind: 'problem'; readonly requestId: string; readonly attempt: number; readonly problem: Problem };

/** An intent whose key is proven gone, and whose secret is out of force. */
export type RevokedIntent = Intent & { readonly state: Extract<Intent['state'], { kind: 'revoked' }> };

export const isRevoked = (intent: Intent): intent is RevokedIntent => intent.state.kind === 'revoked';

export function isVended(intent: Intent): intent is VendedIntent {
  return intent.state.kind === 'vended';
}

export function failedWith(
  intent: Pick<Intent, 'id' | 'attempt'>,
  problem: Problem,
): Extract<VendOutcome, { kind: 'problem' }> {
  return { kind: 'problem', requestId: intent.id, attempt: intent.attempt, problem };
}

export function problemOf(type: ProblemType, detail: string, retryAfterMs?: number): Problem {
  return retryAfterMs === undefined ? { type, detail } : { type, detail, retryAfterMs };
}
