import type { TimerHandler } from '@azure/functions';
import { type ReconcileBounds, reconcile } from '../../vending/reconcile/reconcile.ts';
import type { SagaEffects } from '../../vending/saga/ports.ts';
import { portsFor } from '../context-log.ts';

/** The host runs one timer at a time; should two overlap all the same, compare-and-set keeps them apart. */
export const reconcileOnTimer =
  (effects: SagaEffects, bounds: ReconcileBounds): TimerHandler =>
  (_timer, context) =>
    reconcile(portsFor(effects, context, 'reconciler'), bounds);
