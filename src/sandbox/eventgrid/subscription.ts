import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxClock } from '../clock/clock.ts';
import type { FaultPlan } from '../kit/faults.ts';
import { DeliveryRecords, type RecordsView } from './delivery-records.ts';
import type { Shipper } from './destination.ts';
import type { DeliverySchema, GridEvent } from './grid-event.ts';
import { type AttemptOutcome, type FailedOutcome, retryDelay } from './retry.ts';
import type { Shipment } from './wire.ts';

export interface SubscriptionSettings {
  readonly name: string;
  readonly schema: DeliverySchema;
  /** Absent: all types. */
  readonly includedEventTypes?: readonly string[];
  readonly maxEventsPerBatch: number;
  readonly maxDeliveryAttempts: number;
  readonly eventTimeToLiveMinutes: number;
}

/** As Event Grid has them where nothing else is said. */
export const SUBSCRIPTION_DEFAULTS = {
  maxEventsPerBatch: 1,
  maxDeliveryAttempts: 30,
  eventTimeToLiveMinutes: 1_440,
} as const;

export interface SubscriptionContext extends Shipper {
  readonly clock: SandboxClock;
  /** Service `eventgrid`, operation `deliver`. */
  readonly faults: FaultPlan;
  /** A factor for the delays of the retry schedule. */
  readonly timeScale: number;
}

export interface Subscription {
  accept(event: GridEvent): void;
  view(): RecordsView;
  close(): void;
}

interface Delivery {
  readonly id: string;
  readonly events: readonly GridEvent[];
  /** Ms since the epoch. */
  readonly publishedAt: number;
  readonly attempts: number;
}

/** Delivers at least once, each event or batch for itself: one that fails does not hold up the others. */
export function createSubscription(settings: SubscriptionSettings, context: SubscriptionContext): Subscription {
  const { clock } = context;
  const records = new DeliveryRecords(clock.now, settings.schema);
  let outbox: GridEvent[] = [];
  let flushing: NodeJS.Immediate | undefined;
  let closed = false;

  const flush = (): void => {
    flushing = undefined;
    const events = outbox;
    outbox = [];
    for (let from = 0; from < events.length; from += settings.maxEventsPerBatch) {
      const batch = events.slice(from, from + settings.maxEventsPerBatch);
      void attempt({ id: randomUUID(), events: batch, publishedAt: clock.now(), attempts: 0 });
    }
  };

  const attempt = async (last: Delivery): Promise<void> => {
    const delivery = { ...last, attempts: last.attempts + 1 };
    records.open(delivery);
    const outcome = await perform(settings, context, delivery);
    if (closed) return;
    records.attempted(delivery, outcome);
    if (outcome.kind === 'failed') retryOrBury(delivery, outcome);
  };

  const retryOrBury = (delivery: Delivery, outcome: FailedOutcome): void => {
    const delay = retryDelay(context.kind, outcome, delivery.attempts);
    const exhausted = delivery.attempts >= settings.maxDeliveryAttempts;
    if (delay === undefined || exhausted) {
      records.bury(delivery, outcome, delay === undefined ? 'NotRetried' : 'MaxDeliveryAttemptsExceeded');
      return;
    }
    clock.at(clock.now() + delay * context.timeScale, () => {
      if (closed) return;
      const expired = clock.now() >= delivery.publishedAt + settings.eventTimeToLiveMinutes * 60_000;
      if (expired) records.bury(delivery, outcome, 'TimeToLiveExceeded');
      else void attempt(delivery);
    });
  };

  return {
    accept: (event) => {
      if (settings.includedEventTypes?.includes(event.cloudEvent.type) === false) return;
      outbox.push(event);
      flushing ??= setImmediate(flush);
    },
    view: () => records.view(),
    close: () => {
      closed = true;
      clearImmediate(flushing);
    },
  };
}

/** One attempt, bent by the fault that it must suffer, if any. */
async function perform(
  settings: SubscriptionSettings,
  context: SubscriptionContext,
  delivery: Delivery,
): Promise<AttemptOutcome> {
  const fault = context.faults.take('eventgrid', 'deliver');
  if (fault?.delayMs !== undefined) await sleep(fault.delayMs, undefined, { ref: false });
  if (fault?.drop === 'before') return { kind: 'failed', reason: 'unreachable' };
  if (fault?.status !== undefined) return { kind: 'failed', reason: fault.status };
  const shipment: Shipment = {
    ...{ id: delivery.id, events: delivery.events, attempt: delivery.attempts },
    ...{ subscription: settings.name, schema: settings.schema, batched: settings.maxEventsPerBatch > 1 },
  };
  const outcome = await context.send(shipment);
  if (fault?.duplicate === true) await context.send(shipment);
  return fault?.drop === 'after' ? { kind: 'failed', reason: 'timed-out' } : outcome;
}
