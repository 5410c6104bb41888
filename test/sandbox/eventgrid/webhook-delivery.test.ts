import { afterEach, describe, expect, it } from 'vitest';
import { agreeing } from './endpoint.ts';
import { CLOUD_EVENT, DATA, GRID_EVENT } from './near-expiry.ts';
import { asked, buried, delivered, secretEvent, TIME_SCALE, useEventGrid, viewOf } from './rig.ts';

const rig = useEventGrid();
afterEach(() => {
  rig.endpoint.answer = () => ({ status: 200 });
});

const toWebhook = async (more: Partial<Parameters<typeof asked>[0]> = {}): Promise<void> => {
  const result = await rig.grid.subscribe(asked({ destination: { url: rig.endpoint.url }, ...more }));
  expect(result.kind).toBe('subscribed');
};

describe('to a webhook', () => {
  it('comes a CloudEvent alone', async () => {
    rig.endpoint.answer = agreeing();
    await toWebhook();
    rig.grid.publishSecretEvent(secretEvent('NearExpiry', DATA.EXP));
    await delivered(rig, 1);
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
    await delivered(rig, 1);
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
    await delivered(rig, 3);
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
    await delivered(rig, 1);
    expect(viewOf(rig).delivered.map(({ type }) => type)).toEqual(['Microsoft.KeyVault.SecretExpired']);
  });

  it('comes a failed one again, in the order of the schedule and with its count', async () => {
    rig.endpoint.answer = agreeing(500, 429, 302);
    await toWebhook();
    rig.grid.publishSecretEvent(secretEvent('Expired', 1));
    await delivered(rig, 1);
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
    await buried(rig, 1);
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
    await buried(rig, 1);
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
    await delivered(rig, 1);
    expect(viewOf(rig).failed.length).toBeGreaterThan(0);
  });
});
