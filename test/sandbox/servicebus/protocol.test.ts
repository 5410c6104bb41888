import { once } from 'node:events';
import rhea, { type Message } from 'rhea';
import { describe, expect, it, vi } from 'vitest';
import { refusalOf, useRawClient } from './raw-client.ts';
import { useBroker } from './rig.ts';

const rig = useBroker({ name: 'q' });
const raw = useRawClient(rig);

const statusOf = (answer: Message): unknown => answer.application_properties?.statusCode;

describe('claims', () => {
  it('are required before a link is attached, also to a queue that does not exist', async () => {
    expect(await refusalOf(raw.connection.open_receiver('q'))).toBe('amqp:unauthorized-access');
    expect(await refusalOf(raw.connection.open_receiver('nowhere'))).toBe('amqp:unauthorized-access');
  });

  it('cover their entity and what lies below it, and nothing beside it', async () => {
    expect(statusOf(await raw.putToken('sb://127.0.0.1/q'))).toBe(202);
    await once(raw.connection.open_receiver('q/$DeadLetterQueue'), 'receiver_open');
    expect(await refusalOf(raw.connection.open_receiver('q2'))).toBe('amqp:unauthorized-access');
  });

  it('open no link once they have expired', async () => {
    expect(statusOf(await raw.putToken('sb://127.0.0.1/q', 'sb://127.0.0.1/q', 60))).toBe(202);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    const refusal = await refusalOf(raw.connection.open_receiver('q'));
    vi.useRealTimers();
    expect(refusal).toBe('amqp:unauthorized-access');
  });

  it.each([
    ['for another resource', 'sb://127.0.0.1/other', 'sb://127.0.0.1/q', 60],
    ['that has expired', 'sb://127.0.0.1/q', 'sb://127.0.0.1/q', -1],
  ])('are not granted on a token %s', async (_what, resource, audience, secondsLeft) => {
    expect(statusOf(await raw.putToken(resource, audience, secondsLeft))).toBe(401);
  });
});

describe('management', () => {
  it('answers an operation that is not emulated, and a malformed request', async () => {
    await raw.putToken('sb://127.0.0.1/q');
    const ask = (operation: string, body: unknown) =>
      raw.request('q/$management', { body, application_properties: { operation } });
    expect(statusOf(await ask('com.microsoft:get-session-state', {}))).toBe(501);
    expect(statusOf(await ask('com.microsoft:peek-message', { 'message-count': -1 }))).toBe(400);
    expect(statusOf(await ask('com.microsoft:schedule-message', { messages: [{ message: Buffer.from([1]) }] }))).toBe(
      400,
    );
  });
});

describe('as the client of .NET needs it', () => {
  it('a connection may ask for the SASL mechanism MSSBCBS', async () => {
    const mechanism = { start: (done: (error: undefined, response: string) => void) => done(undefined, '') };
    const other = await raw.connect({ sasl_mechanisms: { MSSBCBS: mechanism } });
    other.close();
    await once(other, 'connection_close');
  });

  it.each(['amqps://127.0.0.1/', 'sb://127.0.0.1'])('a token for %s covers all of the namespace', async (namespace) => {
    expect(statusOf(await raw.putToken(namespace, 'sb://127.0.0.1/q'))).toBe(202);
    await once(raw.connection.open_receiver('q'), 'receiver_open');
    expect(statusOf(await raw.putToken(namespace))).toBe(202);
    expect(await refusalOf(raw.connection.open_receiver('nowhere'))).toBe('amqp:not-found');
  });

  it('an answer has an int for a status and a symbol for a condition', async () => {
    raw.keepEncoded();
    const accepted: unknown = await raw.putToken('sb://127.0.0.1/q');
    const int = (value: number) => Buffer.from([0x71, 0, 0, value >> 8, value & 0xff]);
    const string = (text: string) => Buffer.concat([Buffer.from([0xa1, text.length]), Buffer.from(text)]);
    const includes = (answer: unknown, bytes: Buffer) => Buffer.isBuffer(answer) && answer.includes(bytes);
    expect(includes(accepted, Buffer.concat([string('status-code'), int(202)]))).toBe(true);
    const refused: unknown = await raw.putToken('sb://127.0.0.1/other', 'sb://127.0.0.1/q');
    const condition = 'amqp:unauthorized-access';
    const symbol = Buffer.concat([Buffer.from([0xa3, condition.length]), Buffer.from(condition)]);
    expect(includes(refused, Buffer.concat([string('errorCondition'), symbol]))).toBe(true);
  });

  it.each(['nowhere', 'nowhere/$management'])('a link to %s is refused without a source or a target', async (path) => {
    await raw.putToken('sb://127.0.0.1/');
    const receiver = raw.connection.open_receiver(path);
    expect(await refusalOf(receiver)).toBe('amqp:not-found');
    expect(JSON.stringify([receiver.source, receiver.target])).toBe('[null,null]');
    const sender = raw.connection.open_sender(path);
    await once(sender, 'sender_error');
    expect(JSON.stringify([sender.source, sender.target])).toBe('[null,null]');
  });

  it.each([0, 1, 2] as const)('a sender gets its settle mode back: %i', async (mode) => {
    await raw.putToken('sb://127.0.0.1/q');
    const sender = raw.connection.open_sender({ target: 'q', snd_settle_mode: mode });
    await once(sender, 'sendable');
    expect(sender.snd_settle_mode).toBe(mode);
  });

  it('a receiver whose credit comes with its attach gets no message before the answering attach', async () => {
    rig.broker.enqueue('q', { body: 'early' });
    await raw.putToken('sb://127.0.0.1/q');
    const frames: string[] = [];
    const receiver = raw.connection.open_receiver({ source: 'q', credit_window: 0 });
    receiver.on('receiver_open', () => frames.push('attach'));
    receiver.on('message', () => frames.push('transfer'));
    receiver.add_credit(1);
    await once(receiver, 'message');
    expect(frames).toEqual(['attach', 'transfer']);
  });
});

it('refuses transactions in words, without a complaint of the sandbox', async () => {
  await raw.putToken('sb://127.0.0.1/');
  const complaint = vi.spyOn(console, 'warn').mockReturnValue();
  const { described_nc, wrap_list, wrap_ulong } = rhea.types;
  const sender = raw.connection.open_sender('replaced');
  Object.assign((sender as unknown as { local: { attach: object } }).local.attach, {
    target: described_nc(wrap_ulong(0x30), wrap_list([])),
  });
  await once(sender, 'sender_error');
  expect(sender.error).toMatchObject({
    condition: 'amqp:not-implemented',
    description: 'The sandbox does not emulate transactions.',
  });
  expect(complaint).not.toHaveBeenCalled();
  complaint.mockRestore();
});

describe('drain', () => {
  it('is answered although the last credit was used up while it was on its way', async () => {
    await raw.putToken('sb://127.0.0.1/q');
    const receiver = raw.connection.open_receiver({ source: 'q', credit_window: 0, autoaccept: false });
    await once(receiver, 'receiver_open');
    receiver.add_credit(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const events: string[] = [];
    for (const event of ['message', 'receiver_drained']) receiver.on(event, () => events.push(event));
    const drained = once(receiver, 'receiver_drained');
    rig.broker.enqueue('q', { body: 1 });
    receiver.drain_credit();
    await drained;
    expect(events).toEqual(['message', 'receiver_drained']);
  });
});
