import type { Intent } from '../intent.ts';
import { isVended } from '../saga/outcome.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { TAG_INTENT } from '../secret/tags.ts';

/** `open`: it is not known whether it has to be, or it could not be asked for. */
export type RolledForward = 'needless' | 'asked' | 'open';

/**
 * A rotation whose secret was stored and whose key then turned out to be gone leaves consumers with a version that is out
 * of force: a disabled version does not make the reference fall back to the one before. So it is asked for again, as long
 * as the newest version is its own, whichever attempt stored it.
 */
export async function rollForward(
  { vault, ledger, rotations, clock }: SagaPorts,
  { supersedes, vaultUrl, secretName, id }: Intent,
): Promise<RolledForward> {
  if (supersedes === undefined) return 'needless';
  const old = await ledger.read(supersedes.intentId);
  if (old.kind === 'unreachable') return 'open';
  if (old.kind === 'absent' || !isVended(old.row.intent)) return 'needless';
  const name = await vault.lookUpName(vaultUrl, secretName);
  if (name.kind === 'unavailable') return 'open';
  if (name.kind !== 'in-use' || name.tags[TAG_INTENT] !== id) return 'needless';
  return (await rotations.request(supersedes.intentId, new Date(clock.now()))).kind === 'sent' ? 'asked' : 'open';
}
