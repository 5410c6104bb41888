import type { Intent } from '../intent.ts';
import type { SagaPorts } from '../saga/ports.ts';

/**
 * A rotation whose secret was stored and whose key then turned out to be gone leaves consumers with a version that is out
 * of force: a disabled version does not make the reference fall back to the one before. So it is asked for again.
 *
 * @returns false where that is not known to be needless, or done.
 */
export async function rollForward(
  { vault, rotations, clock }: SagaPorts,
  { supersedes, vaultUrl, secretName: name, id: intentId, attempt }: Intent,
): Promise<boolean> {
  if (supersedes === undefined) return true;
  const found = await vault.findVersions({ vaultUrl, name, intentId, attempt });
  if (found.kind === 'unavailable') return false;
  if (found.versions.length === 0) return true;
  return (await rotations.request(supersedes.intentId, new Date(clock.now()))).kind === 'sent';
}
