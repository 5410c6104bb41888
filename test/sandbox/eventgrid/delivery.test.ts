import { ServiceBusClient } from '@azure/service-bus';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { agreeing } from './endpoint.ts';
import { asked, secretEvent, TIME_SCALE, useEventGrid, viewOf } from './rig.ts';

const rig = useEventGrid();
afterEach(() => {
  rig.endpoint.answer = () => ({ status: 200 });
});

const toWebhook = async (more: Partial<Parameters<typeof asked>[0]> = {}): Promise<void> => {
  const result = await rig.grid.subscribe(asked({ destination: { url: rig.endpoint.url }, ...more }));
  expect(result.kind).toBe('subscribed');
};
const toQueue = (more: Partial<Parameters<typeof asked>[0]> = {}) =>
  rig.grid.subscribe(asked({ destination: { queue: 'events' }, ...more }));
const PATIENCE = { timeout: 20_000 };
const buried = (count: number): Promise<void> =>
  vi.waitFor(() => expect(viewOf(rig).deadLettered).toHaveLength(count), PATIENCE);
const over = (): Promise<void> => vi.waitFor(() => expect(viewOf(rig).pending).toBe(0), PATIENCE);
const delivered = (count: number): Promise<void> =>
  vi.waitFor(() => expect(viewOf(rig).delivered).toHaveLength(count), PATIENCE);

const SOURCE =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v';
const DATA = {
  Id: `https://v.vault.azure.net/secrets/s/${'a'.repeat(32)}`,
  VaultName: 'v',
  ObjectType: 'Secret',
  ObjectName: 's',
  Version: 'a'.repeat(32),
  NBF: null,
  EXP: 1_559_082_102,
};
const CLOUD_EVENT = {
  id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  source: SOURCE,
  specversion: '1.0',
  type: 'Microsoft.KeyVault.SecretNearExpiry',
  subject: 's',
  time: '2026-01-02T03:04:05.6780000Z',
  data: DATA,
};
const GRID_EVENT = {
  id: CLOUD_EVENT.id,
  topic: SOURCE,
  subject: 's',
  eventType: 'Microsoft.KeyVault.SecretNearExpiry',
  eventTime: CLOUD_EVENT.time,
  data: DATA,
  dataVersion: '1',
  metadataVersion: '1',
};

describe('to a webhook', () => {
  it('comes a CloudEvent alone', async () => {
    rig.endpoint.answer = agreeing();
    await toWebhook();
    rig.grid.publishSecretEvent(secretEvent('NearExpiry', DATA.EXP));
    await delivered(1);
    const [notification] = rig.endpoint.notifications();
    expect(notification?.headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'aeg-event-type': 'Notification',
      'aeg-subscription-name': 'SUB',
      'aeg-delivery-count': '1',
      'aeg-metadata-version': '1.0',
    });
    expect(JSON.parse(notification?.text ?? '')).toEqual(CLOUD_EVENT);
  });

  it("comes an array of one in Event Grid's schema", async () => {
    rig.endpoint.answer = agreeing();
    await toWebhook({ schema: 'eventgrid' });
    rig.grid.publishSecretEvent(secretEvent('NearExpiry', DATA.EXP));
    await delivered(1);
    const [notification] = rig.endpoint.notifications();
    expect(notification?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'aeg-metadata-version': '1',
      'aeg-data-version': '1',
    });
    expect(JSON.parse(notification?.text ?? '')).toEqual([GRID_EVENT]);
  });

  it('come batches of CloudEvents where the subscription says so', async () => {
    rig.endpoint.answer = agreeing();
    await toWebhook({ maxEventsPerBatch: 2 });
    for (const version of ['1', '2', '3']) rig.grid.publishSecretEvent(secretEvent('Expired', 1, version));
    await delivered(3);
    const notifications = rig.endpoint.notifications();
    expect(new Set(notifications.map(({ text }) => JSON.parse(text).length))).toEqual(new Set([1, 2]));
    for (const { headers } of notifications) {
      expect(headers['content-type']).toBe('application/cloudevents-batch+json; charset=utf-8');
    }
  });

  it('comes what its filter lets through', async () => {
    rig.endpoint.answer = agreeing();
    await toWebhook({ includedEventTypes: ['Microsoft.KeyVault.SecretExpired'] });
    rig.grid.publishSecretEvent(secretEvent('NearExpiry', 1));
    rig.grid.publishSecretEvent(secretEvent('Expired', 1));
    await delivered(1);
    expect(viewOf(rig).delivered.map(({ type }) => type)).toEqual(['Microsoft.KeyVault.SecretExpired']);
  });

  it('comes a failed one again, in the order of the schedule and with its count', async () => {
    rig.endpoint.answer = agreeing(500, 429, 302);
    await toWebhook();
    rig.grid.publishSecretEvent(secretEvent('Expired', 1));
    await delivered(1);
    const notifications = rig.endpoint.notifications();
    expect(notifications.map(({ headers }) => headers['aeg-delivery-count'])).toEqual(['1', '2', '3', '4']);
    expect(new Set(notifications.map(({ text }) => text)).size).toBe(1);
    const gaps = notifications.slice(1).map(({ at }, index) => at - (notifications[index]?.at ?? 0));
    // 10 s, 30 s and a minute by the schedule; a timer may be a millisecond early.
    for (const [index, seconds] of [10, 30, 60].entries()) {
      expect(gaps[index]).toBeGreaterThanOrEqual(seconds * 1000 * TIME_SCALE - 1);
    }
    expect(viewOf(rig).failed.map(({ reason, attempts }) => [reason, attempts])).toEqual([
      [500, 1],
      [429, 2],
      [302, 3],
    ]);
  });

  it.each([400, 401, 403, 413])('comes what was answered %d never again, but is dead-lettered', async (status) => {
    rig.endpoint.answer = agreeing(status);
    await toWebhook();
    rig.grid.publishSecretEvent(secretEvent('NearExpiry', DATA.EXP));
    await buried(1);
    expect(viewOf(rig).deadLettered).toEqual([
      {
        ...CLOUD_EVENT,
        deadletterreason: 'NotRetried',
        deliveryattempts: 1,
        lastdeliveryoutcome: expect.any(String),
        publishtime: expect.any(String),
        lastdeliveryattempttime: expect.any(String),
      },
    ]);
    expect(rig.endpoint.notifications()).toHaveLength(1);
  });

  it('comes nothing any more after the last attempt that is allowed', async () => {
    rig.endpoint.answer = agreeing(500, 500, 500);
    await toWebhook({ maxDeliveryAttempts: 2, schema: 'eventgrid' });
    rig.grid.publishSecretEvent(secretEvent('NearExpiry', DATA.EXP));
    await buried(1);
    expect(viewOf(rig).deadLettered).toEqual([
      expect.objectContaining({ deadLetterReason: 'MaxDeliveryAttemptsExceeded', deliveryAttempts: 2 }),
    ]);
    expect(rig.endpoint.notifications()).toHaveLength(2);
  });

  it('goes on while one event fails', async () => {
    const agree = agreeing();
    rig.endpoint.answer = (request) => (request.text.includes('/s/bad') ? { status: 500 } : agree(request));
    await toWebhook();
    rig.grid.publishSecretEvent(secretEvent('Expired', 1, 'bad'));
    rig.grid.publishSecretEvent(secretEvent('Expired', 1, 'good'));
    await delivered(1);
    expect(viewOf(rig).failed.length).toBeGreaterThan(0);
  });
});

describe('to a queue', () => {
  it.each([
    ['cloudevents', CLOUD_EVENT, 'application/cloudevents+json; charset=utf-8', '1.0'],
    ['eventgrid', GRID_EVENT, 'application/json; charset=utf-8', '1'],
  ] as const)('comes one message for one event (%s)', async (schema, body, contentType, metadataVersion) => {
    await toQueue({ schema });
    rig.grid.publishSecretEvent(secretEvent('NearExpiry', DATA.EXP));
    await delivered(1);
    const client = new ServiceBusClient(rig.broker.connectionString);
    const receiver = client.createReceiver('events', { receiveMode: 'receiveAndDelete' });
    const messages = await receiver.receiveMessages(5, { maxWaitTimeInMs: 500 });
    await client.close();
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ body, contentType, messageId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(messages[0]?.applicationProperties).toMatchObject({
      'aeg-event-type': 'Notification',
      'aeg-subscription-name': 'SUB',
      'aeg-delivery-count': '1',
      'aeg-metadata-version': metadataVersion,
      'aeg-output-event-id': messages[0]?.messageId,
    });
  });

  it('says nothing of expiry where there is none, and strings when told so', async () => {
    await toQueue();
    rig.faults.add({ service: 'eventgrid', operation: 'emit', times: 1, fault: { timestamps: 'string' } });
    rig.grid.publishSecretEvent(secretEvent('Expired', 1_559_082_102));
    rig.grid.publishSecretEvent(secretEvent('NewVersionCreated'));
    await delivered(2);
    const bodies = (await drain()).map(({ body }) => (body as { data: { NBF: unknown; EXP: unknown } }).data);
    expect(bodies.map(({ NBF, EXP }) => [NBF, EXP])).toEqual([
      [null, '1559082102'],
      [null, null],
    ]);
  });

  it('comes an event twice where it is delivered twice, or its receipt lost, with one message id', async () => {
    await toQueue();
    rig.faults.add({ service: 'eventgrid', operation: 'deliver', times: 1, fault: { duplicate: true } });
    rig.grid.publishSecretEvent(secretEvent('Expired', 1));
    await delivered(1);
    rig.faults.add({ service: 'eventgrid', operation: 'deliver', times: 1, fault: { drop: 'after' } });
    rig.grid.publishSecretEvent(secretEvent('Expired', 2));
    await delivered(2);
    const messages = await drain();
    expect(messages).toHaveLength(4);
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(2);
    expect(messages.map(({ applicationProperties: p }) => p['aeg-delivery-count'])).toEqual(['1', '1', '1', '2']);
  });

  it('come events out of order where one is held up', async () => {
    await toQueue();
    rig.faults.add({ service: 'eventgrid', operation: 'deliver', times: 1, fault: { delayMs: 100 } });
    rig.grid.publishSecretEvent(secretEvent('NearExpiry', 1));
    rig.grid.publishSecretEvent(secretEvent('Expired', 1));
    await delivered(2);
    expect((await drain()).map(({ body }) => (body as { type: string }).type)).toEqual([
      'Microsoft.KeyVault.SecretExpired',
      'Microsoft.KeyVault.SecretNearExpiry',
    ]);
  });

  it('is lost what was never emitted', async () => {
    await toQueue();
    rig.faults.add({ service: 'eventgrid', operation: 'emit', times: 1, fault: { drop: 'before' } });
    rig.grid.publishSecretEvent(secretEvent('NearExpiry', 1));
    rig.grid.publishSecretEvent(secretEvent('Expired', 1));
    await delivered(1);
    expect(viewOf(rig).delivered.map(({ type }) => type)).toEqual(['Microsoft.KeyVault.SecretExpired']);
    await drain();
  });

  it('is tried again for 401, whereas 403 is final', async () => {
    await toQueue();
    rig.faults.add({ service: 'eventgrid', operation: 'deliver', times: 1, fault: { status: 401 } });
    rig.grid.publishSecretEvent(secretEvent('Expired', 1));
    await delivered(1);
    rig.faults.add({ service: 'eventgrid', operation: 'deliver', times: 1, fault: { status: 403 } });
    rig.grid.publishSecretEvent(secretEvent('Expired', 2));
    await buried(1);
    expect(await drain()).toHaveLength(1);
  });
});

describe('a move of the clock', () => {
  it('brings the next attempt closer, and ends those whose time to live is over', async () => {
    await toQueue({ eventTimeToLiveMinutes: 60 });
    rig.faults.add({ service: 'eventgrid', operation: 'deliver', times: 1, fault: { status: 404 } });
    rig.grid.publishSecretEvent(secretEvent('Expired', 1));
    await vi.waitFor(() => expect(viewOf(rig).failed).toHaveLength(1), PATIENCE);
    await rig.clock.advance(61 * 60_000);
    expect(viewOf(rig).deadLettered).toEqual([expect.objectContaining({ deadletterreason: 'TimeToLiveExceeded' })]);
    await over();
    expect(await drain()).toEqual([]);
  });
});

/** Takes what is in the queue. */
async function drain() {
  const messages = rig.broker.view('events')?.messages ?? [];
  const client = new ServiceBusClient(rig.broker.connectionString);
  const receiver = client.createReceiver('events', { receiveMode: 'receiveAndDelete' });
  if (messages.length > 0) await receiver.receiveMessages(messages.length);
  await client.close();
  return messages;
}
