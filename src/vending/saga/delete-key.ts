import type { Target } from '../model/target.ts';
import type { SagaPorts } from './ports.ts';

/** Confluent propagates a new key for this long; until then a 404 does not prove that it is gone. */
export const PROPAGATION_MS = 60_000;
/** A 403 on a DELETE proves nothing either way; this many of them beside a living key are a refusal. */
const REFUSALS = 3;
const REFUSAL_PAUSE_MS = 500;

export interface DoomedKey {
  readonly target: Target;
  readonly keyId: string;
  /** From when on a 404 is believed: the key must have propagated by then. */
  readonly propagatedAt: number;
}

/** `alive`: the delete was refused, and the key can be seen. */
export type Fate = 'gone' | 'alive' | 'unproven';

export async function deleteWithProof(ports: SagaPorts, key: DoomedKey): Promise<Fate> {
  for (let refusals = 0; refusals < REFUSALS; refusals++) {
    if (refusals > 0) await ports.clock.sleep(REFUSAL_PAUSE_MS);
    const fate = await deleteOnce(ports, key);
    if (fate !== 'alive') return fate;
  }
  return 'alive';
}

async function deleteOnce({ confluent, clock }: SagaPorts, { target, keyId, propagatedAt }: DoomedKey): Promise<Fate> {
  const absent = (): Fate => (clock.now() >= propagatedAt ? 'gone' : 'unproven');
  const deleted = await confluent.deleteKey(target, keyId);
  if (deleted.kind === 'deleted') return 'gone';
  if (deleted.kind === 'absent') return absent();
  if (deleted.kind === 'unclear') return 'unproven';
  const looked = await confluent.getKey(target, keyId);
  if (looked.kind === 'absent') return absent();
  return looked.kind === 'found' ? 'alive' : 'unproven';
}
