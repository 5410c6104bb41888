import type { App } from './app.ts';
import type { Context } from './context.ts';
import { revokeKey, verifyRevoked } from './revoke.ts';
import { checkService } from './service.ts';
import { vendKey } from './vend.ts';
import { verifyVended } from './verify.ts';

/**
 * Vends one key against a deployed app, checks it and revokes it; the verdicts are in the context's report.
 * @param janitor the app again, for cleaning up: it is not interrupted.
 */
export async function smoke(context: Context, janitor: App): Promise<void> {
  if (!(await checkService(context))) return;
  const vended = await vendKey(context);
  const result = vended.kind === 'vended' ? vended.result : undefined;
  try {
    if (result !== undefined && !context.interruption.aborted) await verifyVended(context, result);
  } finally {
    if (vended.kind !== 'nothing') await revokeKey(context, janitor, result);
  }
  if (result !== undefined && !context.interruption.aborted) await verifyRevoked(context, result);
}
