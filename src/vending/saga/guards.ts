import type { Intent } from '../intent.ts';
import type { SagaPorts } from './ports.ts';

/** The row is still at the attempt that minted this key, and nobody has decided about the key yet. */
export function undecided(intent: Intent, attempt: number, keyId: string): boolean {
  const { state } = intent;
  if (intent.attempt !== attempt) return false;
  switch (state.kind) {
    case 'minting':
      return true;
    case 'minted':
      return state.key.id === keyId;
    case 'unknown':
      // With a key named there, its delete was decided and refused: nobody may vend it any more.
      return state.keyId === undefined;
    default:
      return false;
  }
}

/** Enough of the lease is left to end a step of this length before the reconciler may look at the row. */
export function leaseCovers(ports: SagaPorts, leaseUntil: number, stepMs: number): boolean {
  return ports.clock.now() + stepMs + ports.timings.marginMs <= leaseUntil;
}
