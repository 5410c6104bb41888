import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { type ServiceBusBroker, startBroker } from '../../../src/sandbox/servicebus/index.ts';
import { type FixtureHost, startFixture } from './running-host.ts';

interface Received {
  readonly message: unknown;
  readonly bytes?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly trace: { readonly traceParent: string };
}

const QUEUES = [
  { name: 'plain', maxDeliveryCount: 3 },
  { name: 'manual', maxDeliveryCount: 2 },
  { name: 'slow', lockDurationMs: 1500, maxDeliveryCount: 2 },
] as const;

export interface QueueRig {
  broker: ServiceBusBroker;
  /** A host whose trigger reads from a queue, until the test ends. */
  start(queue: string, env?: Readonly<Record<string, string>>): Promise<FixtureHost>;
  /** Waits until the queue is empty. */
  drained(queue: string): Promise<void>;
}

/** A broker for all tests of a file. */
export function useQueues(): QueueRig {
  let running: FixtureHost[] = [];
  const rig = {
    async start(queue, env = {}) {
      const fixture = await startFixture({ QUEUE: queue, Bus: rig.broker.connectionString, ...env });
      running.push(fixture);
      return fixture;
    },
    async drained(queue) {
      await until(() => rig.broker.view(queue)?.messages.length === 0);
    },
  } as QueueRig;
  beforeAll(async () => {
    rig.broker = await startBroker({ queues: QUEUES, faults: new FaultPlan() });
  });
  afterEach(async () => {
    await Promise.all(running.map(({ host }) => host.stop()));
    running = [];
  });
  afterAll(() => rig.broker.close());
  return rig;
}

/** What the host's function wrote of each message. */
export const received = (fixture: FixtureHost): Received[] =>
  fixture.lines
    .filter((line) => line.startsWith('RECEIVED '))
    .map((line) => JSON.parse(line.slice('RECEIVED '.length)));

export async function until<T>(probe: () => T | undefined | false): Promise<T> {
  for (;;) {
    const value = probe();
    if (value !== undefined && value !== false) return value;
    await sleep(20);
  }
}
