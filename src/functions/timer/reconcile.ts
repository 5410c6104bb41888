import type { TimerHandler } from '@azure/functions';
import { tellOpen } from '../../vending/reconcile/open-intents.ts';
import { type ReconcileBounds, reconcile } from '../../vending/reconcile/reconcile.ts';
import type { SagaEffects } from '../../vending/saga/ports.ts';
import { portsFor } from '../context-log.ts';

/** How often what is open is told, whether or not it changed: alerts look back a day or two. */
const TELL_EVERY_MS = 3_600_000;

/** The host runs one timer at a time; should two overlap all the same, compare-and-set keeps them apart. */
export function reconcileOnTimer(effects: SagaEffects, bounds: ReconcileBounds): TimerHandler {
  let toldAt = Number.NEGATIVE_INFINITY;
  return async (_timer, context) => {
    const ports = portsFor(effects, context, 'reconciler');
    const open = await reconcile(ports, bounds);
    const now = ports.clock.now();
    if (open !== undefined && now - toldAt >= TELL_EVERY_MS && (await tellOpen(ports, open))) toldAt = now;
  };
}
