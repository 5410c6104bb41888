import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import { expect, it, vi } from 'vitest';
import { useBroker } from './rig.ts';

const rig = useBroker({ name: 'q', maxDeliveryCount: 2 });

function subscribe(
  receiver: ServiceBusReceiver,
  maxConcurrentCalls: number,
  processMessage: (message: ServiceBusReceivedMessage) => Promise<void>,
) {
  const errors: Error[] = [];
  const subscription = receiver.subscribe(
    {
      processMessage,
      processError: async ({ error }) => {
        errors.push(error);
      },
    },
    { maxConcurrentCalls },
  );
  return { subscription, errors };
}

it('pushes messages to a subscriber, completes what succeeds and abandons what throws', async () => {
  const seen: string[] = [];
  // One by one: two that the client settles in one tick get the outcome of the first from it.
  const { errors } = subscribe(rig.client.createReceiver('q'), 1, async ({ body }) => {
    seen.push(String(body));
    if (body === 'bad') throw new Error('no');
  });
  await rig.client.createSender('q').sendMessages(['a', 'bad', 'b'].map((body) => ({ body, messageId: body })));
  await vi.waitFor(() => expect(rig.broker.view('q')).toMatchObject({ messages: [], deadLetters: [{ body: 'bad' }] }), {
    timeout: 10_000,
  });
  expect(seen.sort((a, b) => a.localeCompare(b))).toEqual(['a', 'b', 'bad', 'bad']);
  expect(errors.map(({ message }) => message)).toEqual(['no', 'no']);
});

it('holds no more messages than the subscriber works on at once', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { subscription } = subscribe(rig.client.createReceiver('q'), 2, () => gate);
  await rig.client
    .createSender('q')
    .sendMessages(Array.from({ length: 5 }, (_, i) => ({ body: i, messageId: String(i) })));
  const states = () => rig.broker.view('q')?.messages.map(({ state }) => state);
  await vi.waitFor(() => expect(states()).toEqual(['locked', 'locked', 'active', 'active', 'active']), {
    timeout: 10_000,
  });
  release();
  await vi.waitFor(() => expect(states()).toEqual([]), { timeout: 10_000 });
  await subscription.close();
});
