import type { Intent, IntentState } from './intent.ts';
import type { Ledger } from './ports/ledger.ts';

/** Rotations followed at once. The reconciler keeps the way to the latest one shorter. */
const MOST_ROTATIONS = 750;

/** `too-far`: there are later ones, and this is where the way was left. */
export type Latest =
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'none' }
  | { readonly kind: 'last'; readonly intent: Intent }
  | { readonly kind: 'too-far'; readonly intent: Intent };

export const successorIdOf = (state: IntentState): string | undefined =>
  'successor' in state ? state.successor : undefined;

/** The last of the rotations that lead from one to the next, beginning with this one. */
export async function latestRotation(ledger: Pick<Ledger, 'read'>, first: string): Promise<Latest> {
  let latest: Latest = { kind: 'none' };
  let next: string | undefined = first;
  for (let rotations = 0; rotations < MOST_ROTATIONS && next !== undefined; rotations++) {
    const found = await ledger.read(next);
    if (found.kind === 'unreachable') return { kind: 'unreachable' };
    if (found.kind === 'absent') return latest;
    const { intent } = found.row;
    latest = { kind: 'last', intent };
    next = successorIdOf(intent.state);
  }
  return next !== undefined && latest.kind === 'last' ? { kind: 'too-far', intent: latest.intent } : latest;
}
