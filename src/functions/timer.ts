import type { TimerHandler } from '@azure/functions';
import { countOpen } from '../vending/commands/open.ts';
import { VERSION } from '../vending/model/version.ts';
import type { Terms } from '../vending/policy/policy.ts';
import { type ReconcileBounds, reconcile } from '../vending/review/reconcile.ts';
import type { Effects } from '../vending/saga/context.ts';
import { contextFor } from './context.ts';

/** Alerts look back a day or two, so the counts are logged whether or not they changed. The first record comes after the start. */
const LOGGED_EVERY_MS = 3_600_000;

/** The host runs one timer at a time. If two overlap, the ETags of the ledger keep them apart. */
export function reconcileOnTimer(effects: Effects, terms: Terms, bounds: ReconcileBounds): TimerHandler {
  let loggedAt = Number.NEGATIVE_INFINITY;
  return async (_timer, context) => {
    const ctx = contextFor(effects, context, { party: 'reconciler', name: 'reconciler' });
    await reconcile(ctx, terms, bounds);
    const counts = await countOpen(ctx);
    const now = ctx.clock.now();
    if (counts === undefined || now - loggedAt < LOGGED_EVERY_MS) return;
    ctx.log({ level: 'info', event: 'open-credentials', version: VERSION, counts });
    loggedAt = now;
  };
}
