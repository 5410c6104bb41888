import type { Intent } from '../../../src/vending/intent.ts';
import type { LedgerView } from '../evidence.ts';

/** Which rotation of a request's key an intent is: 0 for the request itself; undefined where it is none of them. */
export function generationOf({ intents }: LedgerView, requestId: string, of: string): number | undefined {
  let generation = 0;
  for (let id: string | undefined = of; id !== undefined; id = intents.get(id)?.supersedes?.intentId) {
    if (id === requestId) return generation;
    generation++;
  }
  return undefined;
}

/** The intent whose key is in force for a request now: itself, or the last of its rotations that took its place. */
export function inForceFor({ intents }: LedgerView, requestId: string): Intent | undefined {
  let intent = intents.get(requestId);
  for (let next = intent; next !== undefined; next = successorOf(next, intents)) intent = next;
  return intent;
}

function successorOf({ state }: Intent, intents: LedgerView['intents']): Intent | undefined {
  return 'successor' in state && state.successor !== undefined ? intents.get(state.successor) : undefined;
}

/** It vended once, whatever became of its key. */
export const hasVended = ({ state: { kind } }: Intent): boolean =>
  kind === 'vended' || kind === 'superseded' || kind === 'revoking' || kind === 'revoked';
