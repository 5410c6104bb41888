import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { afterEach, beforeEach, expect } from 'vitest';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { type QueueOptions, type ServiceBusBroker, startBroker } from '../../../src/sandbox/servicebus/index.ts';

export interface Rig {
  broker: ServiceBusBroker;
  client: ServiceBusClient;
  faults: FaultPlan;
  /** Moves the broker's clock. */
  elapse(ms: number): void;
}

/** A broker and the real client, fresh for each test. */
export function useBroker(...queues: readonly QueueOptions[]): Rig {
  const rig = {} as Rig;
  beforeEach(async () => {
    let skew = 0;
    rig.faults = new FaultPlan();
    rig.broker = await startBroker({ queues, faults: rig.faults, now: () => Date.now() + skew });
    rig.client = new ServiceBusClient(rig.broker.connectionString, { retryOptions: { maxRetries: 0 } });
    rig.elapse = (ms) => {
      skew += ms;
    };
  });
  afterEach(async () => {
    await rig.client.close();
    await rig.broker.close();
  });
  return rig;
}

/** Without lock renewal behind the test's back. */
export const PLAIN = { maxAutoLockRenewalDurationInMs: 0 } as const;

interface Receives {
  receiveMessages(count: number, options?: { maxWaitTimeInMs?: number }): Promise<ServiceBusReceivedMessage[]>;
}

export async function receiveOne(receiver: Receives): Promise<ServiceBusReceivedMessage> {
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 10_000 });
  if (message === undefined) throw new Error('no message came');
  return message;
}

/** Nothing to receive, found out by draining the link. */
export async function expectNothing(receiver: Receives): Promise<void> {
  expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 50 })).toEqual([]);
}
