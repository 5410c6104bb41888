import type { OutgoingEvent } from '../events/outgoing-schema.ts';
import type { Audit, TrailRecord } from '../model/audit.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { EventPublisher } from '../ports/messaging.ts';
import type { BackgroundTasks, Clock } from '../ports/runtime.ts';

/** The audit records and events of one commit, with the keys of their rows. */
export interface Recorded {
  readonly audit: readonly { readonly key: string; readonly record: TrailRecord }[];
  readonly events: readonly { readonly key: string; readonly event: OutgoingEvent }[];
}

/**
 * Publishes what commits recorded, and removes the rows.
 *
 * An audit record is in the host's hands as soon as it is logged, but a worker that is killed takes its last lines along.
 * So the row stays for some seconds. The reconciler publishes again what is older than that.
 */
export interface Outbox {
  /** Logs the audit records at once. The events go to the topic in the background. */
  publish(recorded: Recorded, audit: Audit): void;
  /** Removes rows after some seconds, in a batch. */
  remove(keys: readonly string[]): void;
  /** Removes now what waits for its time. */
  flush(): Promise<void>;
}

export interface OutboxEffects {
  readonly ledger: Pick<Ledger, 'commit'>;
  readonly clock: Clock;
  readonly backgroundTasks: BackgroundTasks;
  readonly events?: EventPublisher;
  /** The end of the process, which cuts every sleep of `clock` short. */
  readonly stopping?: AbortSignal;
}

/** Longer than the host takes to pass log lines on. */
const REMOVED_AFTER_MS = 3_000;
/** The rows of one attempt leave in one transaction. */
const COLLECTED_FOR_MS = 500;
/** Rows of one transaction. */
const MAX_BATCH = 100;

export function createOutbox({ ledger, clock, backgroundTasks, events, stopping }: OutboxEffects): Outbox {
  // A row stands here once, however often it was published: the service refuses a transaction that has a row twice.
  let waiting = new Set<string>();
  /** Those that the pause of now is for. What comes during a pause has one of its own. */
  let pausing: readonly string[] = [];
  let isRemoving = false;

  async function removeRows(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += MAX_BATCH) await ledger.commit({ remove: keys.slice(at, at + MAX_BATCH) });
  }

  async function removeInTime(): Promise<void> {
    while (waiting.size > 0) {
      await clock.sleep(COLLECTED_FOR_MS);
      pausing = [...waiting];
      waiting = new Set();
      await clock.sleep(REMOVED_AFTER_MS);
      // The end of the process cuts the pause short. The host may not have passed the lines on: they are logged again.
      if (stopping?.aborted === true) return;
      const keys = pausing;
      pausing = [];
      await removeRows(keys);
    }
  }

  function flush(): Promise<void> {
    const keys = [...pausing, ...waiting];
    pausing = [];
    waiting = new Set();
    return removeRows(keys);
  }

  function remove(keys: readonly string[]): void {
    for (const key of keys) waiting.add(key);
    if (isRemoving || waiting.size === 0) return;
    isRemoving = true;
    backgroundTasks(async () => {
      await removeInTime().finally(() => {
        isRemoving = false;
      });
    });
  }

  return {
    publish: (recorded, audit) => {
      for (const { record } of recorded.audit) audit(record);
      remove(recorded.audit.map(({ key }) => key));
      if (events === undefined || recorded.events.length === 0) return;
      backgroundTasks(async () => {
        for (const { key, event } of recorded.events)
          if ((await events.publish(event)).kind === 'published') remove([key]);
      });
    },
    remove,
    flush,
  };
}
