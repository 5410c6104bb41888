import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { createMessenger } from '../../../src/azure/servicebus/messenger.ts';

const loaded = () =>
  Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('@azure/service-bus/'));

it('loads the Service Bus client at the first send and not before', async () => {
  const messenger = createMessenger({ connectionString: 'nonsense' });
  expect(loaded()).toBe(false);
  await messenger.send('queue', { messageId: 'm', body: '', contentType: 'text/plain' });
  expect(loaded()).toBe(true);
});

it('ends although what it is about to open fails', async () => {
  const messenger = createMessenger({ connectionString: 'nonsense' });
  const sent = messenger.send('queue', { messageId: 'm', body: '', contentType: 'text/plain' });
  await expect(messenger.close()).resolves.toBeUndefined();
  expect(await sent).toMatchObject({ kind: 'not-sent' });
});
