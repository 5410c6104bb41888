import type { App } from './app.ts';
import type { Context } from './context.ts';
import { revokeKey, verifyRevoked } from './revoke.ts';
import { checkService } from './service.ts';
import { type Vended, vendKey } from './vend.ts';
import { verifyVended } from './verify.ts';

/**
 * Vends one key against a deployed app, checks it and revokes it; the verdicts are in the context's report.
 * @param janitor the app again, for cleaning up: it is not interrupted.
 */
export async function smoke(context: Context, janitor: App): Promise<void> {
  if (!(await checkService(context))) return;
  // Until proven otherwise: even a defect of ours must not leave a key behind.
  let vended: Vended = { kind: 'maybe' };
  try {
    vended = await vendKey(context);
    if (vended.kind === 'vended' && !context.interruption.aborted) await verifyVended(context, vended.result);
  } finally {
    if (vended.kind !== 'nothing') await revokeKey(context, janitor, vended);
  }
  if (vended.kind === 'vended' && !context.interruption.aborted) await verifyRevoked(context, vended.result);
}
