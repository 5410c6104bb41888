import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { createClock, type SandboxClock } from '../../../src/sandbox/clock/clock.ts';
import { createTokenIssuer, type TokenIssuer } from '../../../src/sandbox/entra/token-issuer.ts';
import {
  type EventGridEmulator,
  type SubscriptionRequest,
  type SubscriptionView,
  startEventGrid,
} from '../../../src/sandbox/eventgrid/index.ts';
import { SUBSCRIPTION_DEFAULTS } from '../../../src/sandbox/eventgrid/subscription.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { type ServiceBusBroker, startBroker } from '../../../src/sandbox/servicebus/index.ts';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';
import { Endpoint } from './endpoint.ts';

/** 10 s of the schedule are 10 ms here. */
export const TIME_SCALE = 0.001;
export const EVENT_GRID_OID = '55555555-5555-5555-5555-555555555555';

export interface Rig {
  grid: EventGridEmulator;
  broker: ServiceBusBroker;
  clock: SandboxClock;
  faults: FaultPlan;
  issuer: TokenIssuer;
  endpoint: Endpoint;
  ca: string;
}

/** Event Grid with a queue, a webhook and its own clock; subscriptions end with each test. */
export function useEventGrid(responseTimeoutMs = 10_000): Rig {
  const rig = {} as Rig;
  beforeAll(async () => {
    const { caPem, ...tls } = await createCertificates(['*.westeurope-1.eventgrid.azure.net', '*.eventgrid.azure.net']);
    const clock = createClock();
    const faults = new FaultPlan();
    const issuer = await createTokenIssuer({ tenantId: '11111111-1111-1111-1111-111111111111', now: clock.now });
    const broker = await startBroker({ queues: [{ name: 'events' }], faults, now: clock.now });
    const endpoint = await Endpoint.start();
    const grid = await startEventGrid({
      ...{ tls, clock, faults, broker, timeScale: TIME_SCALE, responseTimeoutMs, region: 'westeurope' },
      sender: { issuer, oid: EVENT_GRID_OID },
      scope: { subscriptionId: '00000000-0000-0000-0000-000000000000', resourceGroupName: 'rg' },
      topics: {
        custom: { name: 'requests', senderOids: ['portal'] },
        out: { name: 'happenings', senderOids: ['function'] },
      },
    });
    Object.assign(rig, { grid, broker, clock, faults, issuer, endpoint, ca: caPem });
  });
  afterEach(() => {
    rig.faults.clear();
    rig.endpoint.received.length = 0;
    for (const { name } of rig.grid.subscriptions()) rig.grid.unsubscribe(name);
  });
  afterAll(() => Promise.all([rig.grid.close(), rig.broker.close(), rig.endpoint.close()]));
  return rig;
}

export const asked = (
  request: Partial<SubscriptionRequest> & Pick<SubscriptionRequest, 'destination'>,
): SubscriptionRequest => ({
  ...{ name: 'sub', topic: 'keyvault', schema: 'cloudevents', ...SUBSCRIPTION_DEFAULTS },
  ...request,
});

/** A version that was made at the epoch's second 0, of the secret `s` in the vault `v`. */
export function secretEvent(
  kind: 'NewVersionCreated' | 'NearExpiry' | 'Expired',
  exp?: number,
  version = 'a'.repeat(32),
) {
  const made = { value: 'x', enabled: true, contentType: undefined, tags: undefined, nbf: undefined };
  return {
    ...{ kind, vault: 'v', name: 's', at: Date.UTC(2026, 0, 2, 3, 4, 5, 678) },
    version: { ...made, version, exp, created: 0, updated: 0 },
  };
}

export function viewOf({ grid }: Rig, name = 'sub'): SubscriptionView {
  const view = grid.subscriptions().find((one) => one.name === name);
  if (view === undefined) throw new Error(`There is no subscription ${name}.`);
  return view;
}

const PATIENCE = { timeout: 20_000 };

/** Each waits until so many events are delivered, failed or dead-lettered, or none waits. */
export const delivered = (rig: Rig, count: number): Promise<void> =>
  vi.waitFor(() => expect(viewOf(rig).delivered).toHaveLength(count), PATIENCE);
export const failed = (rig: Rig, count: number): Promise<void> =>
  vi.waitFor(() => expect(viewOf(rig).failed).toHaveLength(count), PATIENCE);
export const buried = (rig: Rig, count: number): Promise<void> =>
  vi.waitFor(() => expect(viewOf(rig).deadLettered).toHaveLength(count), PATIENCE);
export const over = (rig: Rig): Promise<void> => vi.waitFor(() => expect(viewOf(rig).pending).toBe(0), PATIENCE);

/** Takes what is in the queue. */
export async function drain({ broker }: Rig) {
  const messages = broker.view('events')?.messages ?? [];
  const client = new ServiceBusClient(broker.connectionString);
  const receiver = client.createReceiver('events', { receiveMode: 'receiveAndDelete' });
  if (messages.length > 0) await receiver.receiveMessages(messages.length);
  await client.close();
  return messages;
}
