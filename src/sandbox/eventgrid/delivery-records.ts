import type { DeliverySchema, GridEvent } from './grid-event.ts';
import { type AttemptOutcome, type FailedOutcome, outcomeWord } from './retry.ts';
import { inSchema } from './wire.ts';

interface Attempted {
  readonly id: string;
  readonly events: readonly GridEvent[];
  readonly attempts: number;
  /** Ms since the epoch. */
  readonly publishedAt: number;
}

export interface EventRecord {
  /** The event's own. */
  readonly id: string;
  readonly type: string;
  readonly attempts: number;
  /** ISO 8601. */
  readonly at: string;
}

export interface FailedAttempt extends EventRecord {
  /** The status that was answered, or that none was. */
  readonly reason: FailedOutcome['reason'];
}

export type DeadLetterReason = 'MaxDeliveryAttemptsExceeded' | 'TimeToLiveExceeded' | 'NotRetried';

export interface RecordsView {
  /** Events whose first or next attempt is still to come or under way. */
  readonly pending: number;
  readonly delivered: readonly EventRecord[];
  readonly failed: readonly FailedAttempt[];
  /** Events with what Event Grid adds to dead letters. */
  readonly deadLettered: readonly object[];
}

/** The deliveries of one subscription, in the order in which they ended. */
export class DeliveryRecords {
  readonly #now: () => number;
  readonly #schema: DeliverySchema;
  readonly #pending = new Map<string, number>();
  readonly #delivered: EventRecord[] = [];
  readonly #failed: FailedAttempt[] = [];
  readonly #deadLettered: object[] = [];

  constructor(now: () => number, schema: DeliverySchema) {
    this.#now = now;
    this.#schema = schema;
  }

  open({ id, events }: Attempted): void {
    this.#pending.set(id, events.length);
  }

  attempted(delivery: Attempted, outcome: AttemptOutcome): void {
    const records = this.#recordsOf(delivery);
    if (outcome.kind === 'failed') {
      this.#failed.push(...records.map((record) => ({ ...record, reason: outcome.reason })));
      return;
    }
    this.#pending.delete(delivery.id);
    this.#delivered.push(...records);
  }

  bury(delivery: Attempted, { reason }: FailedOutcome, why: DeadLetterReason): void {
    this.#pending.delete(delivery.id);
    const facts: readonly (readonly [string, unknown])[] = [
      ['deadLetterReason', why],
      ['deliveryAttempts', delivery.attempts],
      ['lastDeliveryOutcome', outcomeWord(reason)],
      ['publishTime', iso(delivery.publishedAt)],
      ['lastDeliveryAttemptTime', iso(this.#now())],
    ];
    // Attributes of a CloudEvent are lower case.
    const spell = (name: string): string => (this.#schema === 'cloudevents' ? name.toLowerCase() : name);
    const added = Object.fromEntries(facts.map(([name, value]) => [spell(name), value]));
    for (const event of delivery.events) this.#deadLettered.push({ ...inSchema(event, this.#schema), ...added });
  }

  view(): RecordsView {
    const pending = [...this.#pending.values()].reduce((sum, events) => sum + events, 0);
    const [delivered, failed, deadLettered] = [[...this.#delivered], [...this.#failed], [...this.#deadLettered]];
    return { pending, delivered, failed, deadLettered };
  }

  #recordsOf({ events, attempts }: Attempted): EventRecord[] {
    const at = iso(this.#now());
    return events.map(({ cloudEvent: { id, type } }) => ({ id, type, attempts, at }));
  }
}

const iso = (time: number): string => new Date(time).toISOString();
