import { beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingEvent } from '../../../src/vending/events/outgoing-schema.ts';
import type { AuditRecord } from '../../../src/vending/model/audit.ts';
import type { Commit } from '../../../src/vending/ports/ledger.ts';
import { createOutbox, type Outbox, type Recorded } from '../../../src/vending/saga/outbox.ts';
import { auditOf, eventOf } from '../events/outgoing-events.ts';

let tasks: Promise<void>[];
let sleeps: (() => void)[];
let pauses: number[];
let removed: (readonly string[])[];
let published: unknown[];
let logged: unknown[];
let takes: boolean;
/** Happens while the ledger is asked to remove rows. */
let onRemoval: (() => void) | undefined;
beforeEach(() => {
  onRemoval = undefined;
  [tasks, sleeps, pauses, removed, published, logged, takes] = [[], [], [], [], [], [], true];
});

const outboxOf = (hasTopic = true, stopping?: AbortSignal): Outbox =>
  createOutbox({
    ...(stopping && { stopping }),
    clock: {
      now: () => 0,
      sleep: (ms) => {
        pauses.push(ms);
        return new Promise((wake) => sleeps.push(wake));
      },
    },
    backgroundTasks: (work) => void tasks.push(work()),
    ledger: {
      commit: async ({ remove = [] }: Commit) => {
        removed.push(remove);
        await Promise.resolve();
        onRemoval?.();
        return { kind: 'committed', etag: '' };
      },
    },
    ...(hasTopic && {
      events: {
        publish: async (event) => {
          if (!takes) return { kind: 'not-published', upstream: { service: 'events', status: 503 } };
          published.push(event);
          return { kind: 'published' };
        },
      },
    }),
  });

const EVENT: OutgoingEvent = eventOf('vended');
const RECORD: AuditRecord = auditOf();
const recorded = (of: Partial<Recorded> = {}): Recorded => ({
  audit: [{ key: 'audit_1', record: RECORD }],
  events: [{ key: 'event_1', event: EVENT }],
  ...of,
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets the sleeps of now end. */
async function wake(): Promise<void> {
  await turn();
  for (const each of sleeps.splice(0)) each();
  await turn();
}

/** Lets all that was begun end. */
async function settle(): Promise<void> {
  let isOver = false;
  const all = Promise.all(tasks.splice(0)).then(() => {
    isOver = true;
  });
  while (!isOver) await wake();
  await all;
}

describe('the outbox', () => {
  it('keeps a logged record for three seconds: a worker that is killed takes its last log lines along', async () => {
    outboxOf(false).publish(recorded(), () => undefined);
    await settle();
    expect(pauses).toEqual([500, 3_000]);
  });

  it('logs audit records at once, publishes events, and removes both rows later in one batch', async () => {
    outboxOf().publish(recorded(), (record) => logged.push(record));
    expect(logged).toEqual([RECORD]);
    expect(removed).toEqual([]);
    await settle();
    expect(published).toEqual([EVENT]);
    expect(removed).toEqual([['audit_1', 'event_1']]);
  });

  it('leaves the row of an event that the topic refuses', async () => {
    takes = false;
    outboxOf().publish(recorded(), () => undefined);
    await settle();
    expect(removed).toEqual([['audit_1']]);
  });

  it('publishes nothing where there is no topic', async () => {
    outboxOf(false).publish(recorded(), () => undefined);
    await settle();
    expect(published).toEqual([]);
    expect(removed).toEqual([['audit_1']]);
  });

  it('removes what many commits left in transactions of 100 rows', async () => {
    const outbox = outboxOf();
    for (let commit = 0; commit < 250; commit++) outbox.remove([`audit_${commit}`]);
    await settle();
    expect(removed.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(new Set(removed.flat()).size).toBe(250);
  });

  it('names a row once in a transaction, however often it was published', async () => {
    const outbox = outboxOf();
    for (const keys of [['a'], ['b', 'a'], ['a']]) outbox.remove(keys);
    await settle();
    expect(removed).toEqual([['a', 'b']]);
  });

  it('removes what comes after a batch in another batch', async () => {
    const outbox = outboxOf();
    outbox.remove(['a']);
    await settle();
    outbox.remove(['b']);
    await settle();
    await outbox.flush();
    expect(removed).toEqual([['a'], ['b']]);
  });

  it('removes what comes while a batch is being removed', async () => {
    const outbox = outboxOf();
    onRemoval = () => {
      onRemoval = undefined;
      outbox.remove(['late']);
    };
    outbox.remove(['early']);
    await settle();
    await settle();
    expect(removed).toEqual([['early'], ['late']]);
  });

  it('keeps a record that is logged during a pause for a pause of its own', async () => {
    const outbox = outboxOf();
    outbox.remove(['early']);
    await wake();
    outbox.remove(['late']);
    await wake();
    expect([removed, pauses]).toEqual([[['early']], [500, 3_000, 500]]);
    await settle();
    expect([removed, pauses]).toEqual([
      [['early'], ['late']],
      [500, 3_000, 500, 3_000],
    ]);
  });

  it('removes nothing at the end of the process: the host may not have passed the lines on', async () => {
    const stopping = new AbortController();
    outboxOf(false, stopping.signal).publish(recorded(), () => undefined);
    stopping.abort();
    await settle();
    expect(removed).toEqual([]);
  });

  it('begins nothing where nothing was recorded', () => {
    outboxOf().publish(recorded({ audit: [], events: [] }), () => undefined);
    expect(tasks).toEqual([]);
  });

  it('removes at once what waits for its pause, and what is in it, and nothing twice', async () => {
    const outbox = outboxOf();
    outbox.remove(['early']);
    await wake();
    outbox.remove(['late']);
    await outbox.flush();
    expect(removed).toEqual([['early', 'late']]);
    await settle();
    expect(removed).toEqual([['early', 'late']]);
  });

  it('removes at once what it is asked to flush, and nothing twice', async () => {
    const outbox = outboxOf();
    outbox.remove(['a', 'b']);
    await outbox.flush();
    expect(removed).toEqual([['a', 'b']]);
    await settle();
    expect(removed).toEqual([['a', 'b']]);
  });
});
