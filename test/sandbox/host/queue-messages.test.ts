import { ServiceBusClient } from '@azure/service-bus';
import { describe, expect, it } from 'vitest';
import { received, until, useQueues } from './queue-rig.ts';

const rig = useQueues();

describe('a message', () => {
  it('arrives with its body parsed and its metadata as the host shapes it', async () => {
    const fixture = await rig.start('plain');
    rig.broker.enqueue('plain', {
      body: { name: 'orders', nested: { Deep: 1 } },
      messageId: 'm-1',
      correlationId: 'c-1',
      replyTo: 'answers',
      subject: 'vend',
      contentType: 'application/json',
      applicationProperties: {
        TenantId: 'T',
        attempt: 2,
        'Diagnostic-Id': `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      },
    });
    const { message, metadata, trace } = await until(() => received(fixture)[0]);
    expect(message).toEqual({ name: 'orders', nested: { Deep: 1 } });
    expect(metadata).toMatchObject({
      messageId: 'm-1',
      correlationId: 'c-1',
      replyTo: 'answers',
      subject: 'vend',
      label: 'vend',
      contentType: 'application/json',
      deliveryCount: 1,
      sequenceNumber: expect.any(Number),
      lockToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
      enqueuedTimeUtc: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/),
      enqueuedTime: expect.stringMatching(/\+00:00$/),
      applicationProperties: { tenantId: 'T', attempt: 2 },
      userProperties: { tenantId: 'T', attempt: 2 },
    });
    expect(metadata).not.toHaveProperty('sys');
    expect(trace.traceParent).toMatch(new RegExp(`^00-${'a'.repeat(32)}-`));
    await rig.drained('plain');
  });

  it.each([
    ['text that is no JSON', { body: 'not json' }, 'not json'],
    ['digits, which arrive as a number', { body: '123' }, 123],
    ['nothing', { body: '' }, ''],
    ['bytes that are no UTF-8', { body: '', bodyBase64: Buffer.from([0x41, 0xff]).toString('base64') }, 'A\uFFFD'],
  ])('may be %s, with or without an id', async (_what, content, expected) => {
    const fixture = await rig.start('plain');
    rig.broker.enqueue('plain', content);
    rig.broker.enqueue('plain', { ...content, messageId: 'same' });
    await until(() => received(fixture).length === 2);
    expect(received(fixture).map(({ message }) => message)).toEqual([expected, expected]);
    expect(received(fixture).map(({ metadata }) => metadata.messageId)).toEqual([undefined, 'same']);
    await rig.drained('plain');
  });

  it('forges its metadata by the names in its body, as on the real host', async () => {
    const fixture = await rig.start('plain');
    const body = { MESSAGEID: 'forged', applicationProperties: { Caller: 'me' }, flag: true, list: [1], none: null };
    rig.broker.enqueue('plain', { body, messageId: 'real', applicationProperties: { caller: 'them' } });
    const { metadata } = await until(() => received(fixture)[0]);
    expect(metadata).toMatchObject({ messageId: 'forged', applicationProperties: { caller: 'me' }, flag: 'True' });
    expect(metadata).not.toHaveProperty('list');
    expect(metadata).not.toHaveProperty('none');
    await rig.drained('plain');
  });

  it('arrives as the bytes that were sent, with metadata of its own, where the trigger asks for binary data', async () => {
    const fixture = await rig.start('plain', { DATA_TYPE: 'binary' });
    const sent = Buffer.concat([Buffer.from('{"messageId":"forged","a":1,"a":2} '), Buffer.from([0xff])]);
    rig.broker.enqueue('plain', { body: '', bodyBase64: sent.toString('base64'), messageId: 'real' });
    rig.broker.enqueue('plain', { body: '', messageId: 'empty' });
    await until(() => received(fixture).length === 2);
    expect(received(fixture).map(({ bytes, metadata }) => [bytes, metadata.messageId, metadata.a])).toEqual([
      [sent.toString('hex'), 'real', undefined],
      ['', 'empty', undefined],
    ]);
    await rig.drained('plain');
  });

  it.each([
    [64, 'forged'],
    [65, 'real'],
    [4_000, 'real'],
  ])('%i levels deep arrives under the id %s: the real host reads 64 levels', async (depth, id) => {
    const fixture = await rig.start('plain');
    // A bracket or an escaped quote within a string is no level.
    const text = '{"\\"[{": [';
    const arrays = '['.repeat(depth - 1) + ']'.repeat(depth - 1);
    rig.broker.enqueue('plain', {
      body: `{"messageId":"forged","text":${JSON.stringify(text)},"a":${arrays}}`,
      messageId: 'real',
    });
    const { message, metadata } = await until(() => received(fixture)[0]);
    expect(metadata.messageId).toBe(id);
    expect(message).toMatchObject({ messageId: 'forged', text });
    await rig.drained('plain');
  });

  it.each([
    ['that is no string', 42, 'string'],
    ['where bytes are asked for', 'text', 'binary'],
  ])('of an AMQP value %s fails unseen', async (_which, body, dataType) => {
    const fixture = await rig.start('plain', { DATA_TYPE: dataType });
    const before = rig.broker.view('plain')?.deadLetters.length ?? 0;
    const client = new ServiceBusClient(rig.broker.connectionString);
    await client.createSender('plain').sendMessages({ body, bodyType: 'value' });
    await client.close();
    await until(() => (rig.broker.view('plain')?.deadLetters.length ?? 0) > before);
    expect(received(fixture)).toEqual([]);
    await fixture.logged(`cannot be bound to ${dataType} data`);
  });
});
