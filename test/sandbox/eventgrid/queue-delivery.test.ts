import { ServiceBusClient } from '@azure/service-bus';
import { describe, expect, it } from 'vitest';
import { CLOUD_EVENT, DATA, GRID_EVENT } from './near-expiry.ts';
import { asked, buried, delivered, drain, failed, over, secretEvent, useEventGrid, viewOf } from './rig.ts';

const rig = useEventGrid();

const toQueue = (more: Partial<Parameters<typeof asked>[0]> = {}) =>
  rig.grid.subscribe(asked({ destination: { queue: 'events' }, ...more }));

describe('to a queue', () => {
  it.each([
    ['cloudevents', CLOUD_EVENT, 'application/cloudevents+json; charset=utf-8', '1.0'],
    ['eventgrid', GRID_EVENT, 'application/json; charset=utf-8', '1'],
  ] as const)('comes one message for one event (%s)', async (schema, body, contentType, metadataVersion) => {
    await toQueue({ schema });
    rig.grid.publishSecretEvent(secretEvent('NearExpiry', DATA.EXP));
    await delivered(rig, 1);
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
    await delivered(rig, 2);
    const bodies = (await drain(rig)).map(({ body }) => (body as { data: { NBF: unknown; EXP: unknown } }).data);
    expect(bodies.map(({ NBF, EXP }) => [NBF, EXP])).toEqual([
      [null, '1559082102'],
      [null, null],
    ]);
  });

  it('comes an event twice where it is delivered twice, or its receipt lost, with one message id', async () => {
    await toQueue();
    rig.faults.add({ service: 'eventgrid', operation: 'deliver', times: 1, fault: { duplicate: true } });
    rig.grid.publishSecretEvent(secretEvent('Expired', 1));
    await delivered(rig, 1);
    rig.faults.add({ service: 'eventgrid', operation: 'deliver', times: 1, fault: { drop: 'after' } });
    rig.grid.publishSecretEvent(secretEvent('Expired', 2));
    await delivered(rig, 2);
    const messages = await drain(rig);
    expect(messages).toHaveLength(4);
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(2);
    expect(messages.map(({ applicationProperties: p }) => p['aeg-delivery-count'])).toEqual(['1', '1', '1', '2']);
  });

  it('come events out of order where one is held up', async () => {
    await toQueue();
    rig.faults.add({ service: 'eventgrid', operation: 'deliver', times: 1, fault: { delayMs: 100 } });
    rig.grid.publishSecretEvent(secretEvent('NearExpiry', 1));
    rig.grid.publishSecretEvent(secretEvent('Expired', 1));
    await delivered(rig, 2);
    expect((await drain(rig)).map(({ body }) => (body as { type: string }).type)).toEqual([
      'Microsoft.KeyVault.SecretExpired',
      'Microsoft.KeyVault.SecretNearExpiry',
    ]);
  });

  it('is lost what was never emitted', async () => {
    await toQueue();
    rig.faults.add({ service: 'eventgrid', operation: 'emit', times: 1, fault: { drop: 'before' } });
    rig.grid.publishSecretEvent(secretEvent('NearExpiry', 1));
    rig.grid.publishSecretEvent(secretEvent('Expired', 1));
    await delivered(rig, 1);
    expect(viewOf(rig).delivered.map(({ type }) => type)).toEqual(['Microsoft.KeyVault.SecretExpired']);
    await drain(rig);
  });

  it('is tried again for 401, whereas 403 is final', async () => {
    await toQueue();
    rig.faults.add({ service: 'eventgrid', operation: 'deliver', times: 1, fault: { status: 401 } });
    rig.grid.publishSecretEvent(secretEvent('Expired', 1));
    await delivered(rig, 1);
    rig.faults.add({ service: 'eventgrid', operation: 'deliver', times: 1, fault: { status: 403 } });
    rig.grid.publishSecretEvent(secretEvent('Expired', 2));
    await buried(rig, 1);
    expect(await drain(rig)).toHaveLength(1);
  });
});

describe('a move of the clock', () => {
  it('brings the next attempt closer, and ends those whose time to live is over', async () => {
    await toQueue({ eventTimeToLiveMinutes: 60 });
    rig.faults.add({ service: 'eventgrid', operation: 'deliver', times: 1, fault: { status: 404 } });
    rig.grid.publishSecretEvent(secretEvent('Expired', 1));
    await failed(rig, 1);
    await rig.clock.advance(61 * 60_000);
    expect(viewOf(rig).deadLettered).toEqual([expect.objectContaining({ deadletterreason: 'TimeToLiveExceeded' })]);
    await over(rig);
    expect(await drain(rig)).toEqual([]);
  });
});
