import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
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

let broker: ServiceBusBroker;
let running: FixtureHost[] = [];

beforeAll(async () => {
  broker = await startBroker({ queues: QUEUES, faults: new FaultPlan() });
});
afterEach(async () => {
  await Promise.all(running.map(({ host }) => host.stop()));
  running = [];
});
afterAll(() => broker.close());

async function start(queue: string, env: Record<string, string> = {}): Promise<FixtureHost> {
  const fixture = await startFixture({ QUEUE: queue, Bus: broker.connectionString, ...env });
  running.push(fixture);
  return fixture;
}

const received = (fixture: FixtureHost): Received[] =>
  fixture.lines
    .filter((line) => line.startsWith('RECEIVED '))
    .map((line) => JSON.parse(line.slice('RECEIVED '.length)));

async function until<T>(probe: () => T | undefined | false): Promise<T> {
  for (;;) {
    const value = probe();
    if (value !== undefined && value !== false) return value;
    await sleep(20);
  }
}

const drained = (queue: string) => until(() => broker.view(queue)?.messages.length === 0);

describe('a message', () => {
  it('arrives with its body parsed and its metadata as the host shapes it', async () => {
    const fixture = await start('plain');
    broker.enqueue('plain', {
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
    await drained('plain');
  });

  it.each([
    ['text that is no JSON', { body: 'not json' }, 'not json'],
    ['digits, which arrive as a number', { body: '123' }, 123],
    ['nothing', { body: '' }, ''],
    ['bytes that are no UTF-8', { body: '', bodyBase64: Buffer.from([0x41, 0xff]).toString('base64') }, 'A\uFFFD'],
  ])('may be %s, with or without an id', async (_what, content, expected) => {
    const fixture = await start('plain');
    broker.enqueue('plain', content);
    broker.enqueue('plain', { ...content, messageId: 'same' });
    await until(() => received(fixture).length === 2);
    expect(received(fixture).map(({ message }) => message)).toEqual([expected, expected]);
    expect(received(fixture).map(({ metadata }) => metadata.messageId)).toEqual([undefined, 'same']);
    await drained('plain');
  });

  it('forges its metadata by the names in its body, as on the real host', async () => {
    const fixture = await start('plain');
    const body = { MESSAGEID: 'forged', applicationProperties: { Caller: 'me' }, flag: true, list: [1], none: null };
    broker.enqueue('plain', { body, messageId: 'real', applicationProperties: { caller: 'them' } });
    const { metadata } = await until(() => received(fixture)[0]);
    expect(metadata).toMatchObject({ messageId: 'forged', applicationProperties: { caller: 'me' }, flag: 'True' });
    expect(metadata).not.toHaveProperty('list');
    expect(metadata).not.toHaveProperty('none');
    await drained('plain');
  });

  it('arrives as the bytes that were sent, with metadata of its own, where the trigger asks for binary data', async () => {
    const fixture = await start('plain', { DATA_TYPE: 'binary' });
    const sent = Buffer.concat([Buffer.from('{"messageId":"forged","a":1,"a":2} '), Buffer.from([0xff])]);
    broker.enqueue('plain', { body: '', bodyBase64: sent.toString('base64'), messageId: 'real' });
    broker.enqueue('plain', { body: '', messageId: 'empty' });
    await until(() => received(fixture).length === 2);
    expect(received(fixture).map(({ bytes, metadata }) => [bytes, metadata.messageId, metadata.a])).toEqual([
      [sent.toString('hex'), 'real', undefined],
      ['', 'empty', undefined],
    ]);
    await drained('plain');
  });

  it.each([
    [64, 'forged'],
    [65, 'real'],
    [4_000, 'real'],
  ])('%i levels deep arrives under the id %s: the real host reads 64 levels', async (depth, id) => {
    const fixture = await start('plain');
    // A bracket or an escaped quote within a string is no level.
    const text = '{"\\"[{": [';
    const arrays = '['.repeat(depth - 1) + ']'.repeat(depth - 1);
    broker.enqueue('plain', {
      body: `{"messageId":"forged","text":${JSON.stringify(text)},"a":${arrays}}`,
      messageId: 'real',
    });
    const { message, metadata } = await until(() => received(fixture)[0]);
    expect(metadata.messageId).toBe(id);
    expect(message).toMatchObject({ messageId: 'forged', text });
    await drained('plain');
  });

  it.each([
    ['that is no string', 42, 'string'],
    ['where bytes are asked for', 'text', 'binary'],
  ])('of an AMQP value %s fails unseen', async (_which, body, dataType) => {
    const fixture = await start('plain', { DATA_TYPE: dataType });
    const before = broker.view('plain')?.deadLetters.length ?? 0;
    const client = new ServiceBusClient(broker.connectionString);
    await client.createSender('plain').sendMessages({ body, bodyType: 'value' });
    await client.close();
    await until(() => (broker.view('plain')?.deadLetters.length ?? 0) > before);
    expect(received(fixture)).toEqual([]);
    await fixture.logged(`cannot be bound to ${dataType} data`);
  });
});

describe('settlement', () => {
  it('abandons at once when the handler throws, until the broker dead-letters', async () => {
    const fixture = await start('plain');
    const before = broker.view('plain')?.deadLetters.length ?? 0;
    broker.enqueue('plain', { body: { fail: true }, messageId: 'poison' });
    await until(() => (broker.view('plain')?.deadLetters.length ?? 0) > before);
    expect(received(fixture).map(({ metadata }) => metadata.deliveryCount)).toEqual([1, 2, 3]);
    expect(broker.view('plain')?.deadLetters.at(-1)).toMatchObject({
      messageId: 'poison',
      deadLetterReason: 'MaxDeliveryCountExceeded',
    });
    await fixture.logged('the handler refuses this message');
  });

  it.each([
    ['before', [false, true]],
    ['after', [true, false]],
    ['between two', [false, true, false]],
  ])('abandons a message whose neighbours are completed in the same tick, %s it', async (_where, fails) => {
    const fixture = await start('plain');
    const before = broker.view('plain')?.deadLetters.length ?? 0;
    for (const [i, fail] of fails.entries())
      broker.enqueue('plain', { body: { meet: fails.length, fail }, messageId: `${fail ? 'bad' : 'good'}-${i}` });
    await until(() => (broker.view('plain')?.deadLetters.length ?? 0) > before);
    await drained('plain');
    expect(broker.view('plain')?.deadLetters.slice(before)).toMatchObject([
      { messageId: expect.stringMatching(/^bad/) },
    ]);
    expect(received(fixture)).toHaveLength(fails.length + 2);
  });

  it('completes when the handler throws undefined', async () => {
    const fixture = await start('plain');
    broker.enqueue('plain', { body: { throwUndefined: true } });
    await until(() => received(fixture)[0]);
    await drained('plain');
  });

  it('leaves the message locked when autoCompleteMessages is off', async () => {
    const fixture = await start('manual', {
      AzureFunctionsJobHost__extensions__serviceBus__autoCompleteMessages: 'false',
    });
    broker.enqueue('manual', { body: 'kept' });
    await fixture.logged("Executed 'Functions.queue' (Succeeded");
    expect(broker.view('manual')?.messages).toMatchObject([{ body: 'kept', state: 'locked' }]);
  });

  it('keeps the lock of a message that takes longer than it, even without an id', async () => {
    const fixture = await start('slow');
    broker.enqueue('slow', { body: { waitMs: 4000 } });
    await fixture.logged('DONE ');
    await drained('slow');
    expect(received(fixture)).toHaveLength(1);
    expect(broker.view('slow')?.deadLetters).toEqual([]);
  });

  it('gives a message back when its lock is not renewed', async () => {
    const fixture = await start('slow', {
      AzureFunctionsJobHost__extensions__serviceBus__maxAutoLockRenewalDuration: '00:00:00',
    });
    broker.enqueue('slow', { body: { waitMs: 2500 }, messageId: 'late' });
    await until(() => received(fixture).length >= 2);
    expect(received(fixture)[1]?.metadata.deliveryCount).toBe(2);
    await fixture.logged('Message processing error (Action=');
  });
});

describe('the pump', () => {
  it('runs no more messages at once than maxConcurrentCalls', async () => {
    const fixture = await start('plain', { AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentCalls: '2' });
    for (let i = 0; i < 6; i++) broker.enqueue('plain', { body: { waitMs: 100, i } });
    await drained('plain');
    let open = 0;
    const depths = fixture.lines.map((line) => {
      if (line.startsWith('RECEIVED ')) open++;
      if (line.startsWith('DONE ')) open--;
      return open;
    });
    expect(Math.max(...depths)).toBe(2);
    expect(received(fixture)).toHaveLength(6);
  });

  it('lets a running message end, and settles it, before it stops', async () => {
    const fixture = await start('plain');
    broker.enqueue('plain', { body: { waitMs: 800 }, messageId: 'last' });
    await until(() => received(fixture)[0]);
    expect(await fixture.host.stop()).toBe(0);
    expect(fixture.lines.some((line) => line.startsWith('DONE '))).toBe(true);
    expect(broker.view('plain')?.messages).toEqual([]);
  });

  it('logs that a queue is not there, and serves the rest', async () => {
    const fixture = await start('absent');
    await fixture.logged('Message processing error (Action=receive, EntityPath=absent)');
    expect((await fetch(`${fixture.host.url}/api/empty`, { method: 'DELETE' })).status).toBe(204);
  });

  it('goes on after the connection was lost', async () => {
    const lost = await startBroker({ queues: [{ name: 'plain' }], faults: new FaultPlan() });
    const fixture = await start('plain', { Bus: lost.connectionString });
    lost.enqueue('plain', { body: 'first' });
    await until(() => received(fixture)[0]);
    await lost.close();
    const back = await startBroker({ queues: [{ name: 'plain' }], faults: new FaultPlan(), port: lost.port });
    back.enqueue('plain', { body: 'second' });
    await until(() => received(fixture)[1]);
    await until(() => back.view('plain')?.messages.length === 0);
    await fixture.host.stop();
    await back.close();
  });
});
