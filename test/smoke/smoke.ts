import type { App } from './app.ts';
import type { Context } from './context.ts';
import { revokeCredential, verifyRevoked } from './revoke.ts';
import { rotateKey } from './rotate.ts';
import { checkReadiness, checkStrangers } from './service.ts';
import { type Credential, type Vended, vendKey } from './vend.ts';
import { verifyVended } from './verify.ts';

/**
 * Vends one key against a deployed app, rotates it once, checks both and revokes them. The verdicts are in the context's
 * report. The key comes first: whether the function's identity may mint at all is what nobody knew.
 *
 * @param janitor the app again, for cleaning up: it is not interrupted.
 * @returns whether a key was vended.
 */
export async function smoke(context: Context, janitor: App): Promise<boolean> {
  const isInterrupted = (): boolean => context.interruption.aborted;
  if (!(await checkReadiness(context))) return false;
  // Until proven otherwise: even a defect of ours must not leave a key behind.
  let vended: Vended = { kind: 'maybe' };
  const versions: Credential[] = [];
  try {
    vended = await vendKey(context);
    if (vended.kind === 'vended') {
      const { credential, location } = vended;
      versions.push(credential);
      if (!isInterrupted()) await verifyVended(context, credential, location);
      const rotated = isInterrupted() ? undefined : await rotateKey(context, credential);
      if (rotated !== undefined) versions.push(rotated);
    }
  } finally {
    if (vended.kind !== 'nothing') await revokeCredential(context, janitor, versions);
  }
  if (vended.kind === 'vended' && !isInterrupted()) await verifyRevoked(context, vended.credential.id, versions);
  if (!isInterrupted()) await checkStrangers(context);
  return vended.kind === 'vended';
}
