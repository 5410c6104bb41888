import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import rhea, { type Connection, type ConnectionOptions, type EventContext, type Message, type Receiver } from 'rhea';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepTransfersEncoded } from '../../../src/sandbox/servicebus/amqp/rhea-internals.ts';
import { useBroker } from './rig.ts';

const rig = useBroker({ name: 'q' });
let connection: Connection;

beforeEach(async () => {
  connection = await connect({ username: 'anonymous' });
});

async function connect(options: { username?: string; sasl_mechanisms?: object }): Promise<Connection> {
  const container = rhea.create_container();
  container.on('disconnected', () => undefined);
  const address = { host: '127.0.0.1', port: rig.broker.port, reconnect: false };
  const opened = container.connect({ ...address, ...options } as ConnectionOptions);
  await once(opened, 'connection_open');
  return opened;
}
afterEach(async () => {
  connection.close();
  await once(connection, 'connection_close');
});

async function request(address: string, message: Omit<Message, 'reply_to'>): Promise<Message> {
  const answers = connection.open_receiver({ source: address, target: { address: 'answers' } });
  await once(answers, 'receiver_open');
  connection.open_sender(address).send({ ...message, message_id: 'r', reply_to: 'answers' });
  const [{ message: answer }] = (await once(answers, 'message')) as [EventContext];
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

function putToken(resource: string, audience = resource, secondsLeft = 60): Promise<Message> {
  const [sr, se] = [encodeURIComponent(resource), Math.floor(Date.now() / 1000) + secondsLeft];
  const sig = encodeURIComponent(createHmac('sha256', 'SAS_KEY_VALUE').update(`${sr}\n${se}`).digest('base64'));
  const type = 'servicebus.windows.net:sastoken';
  return request('$cbs', {
    body: `SharedAccessSignature sr=${sr}&sig=${sig}&se=${se}&skn=RootManageSharedAccessKey`,
    application_properties: { operation: 'put-token', type, name: audience },
  });
}

/** As it is on the wire: rhea's reading does not say of which type a number or a text is. */
async function encodedAnswer(ask: () => Promise<unknown>): Promise<Buffer> {
  keepTransfersEncoded(connection.open_receiver({ source: '$cbs', target: { address: 'unused' } }).session);
  return Buffer.from((await ask()) as Uint8Array);
}

const statusOf = (answer: Message): unknown => answer.application_properties?.statusCode;

async function refusalOf(receiver: Receiver): Promise<unknown> {
  await once(receiver, 'receiver_error');
  return (receiver.error as { condition?: string }).condition;
}

describe('claims', () => {
  it('are required before a link is attached, also to a queue that does not exist', async () => {
    expect(await refusalOf(connection.open_receiver('q'))).toBe('amqp:unauthorized-access');
    expect(await refusalOf(connection.open_receiver('nowhere'))).toBe('amqp:unauthorized-access');
  });

  it('cover their entity and what lies below it, and nothing beside it', async () => {
    expect(statusOf(await putToken('sb://127.0.0.1/q'))).toBe(202);
    await once(connection.open_receiver('q/$DeadLetterQueue'), 'receiver_open');
    expect(await refusalOf(connection.open_receiver('q2'))).toBe('amqp:unauthorized-access');
  });

  it.each([
    ['for another resource', 'sb://127.0.0.1/other', 'sb://127.0.0.1/q', 60],
    ['that has expired', 'sb://127.0.0.1/q', 'sb://127.0.0.1/q', -1],
  ])('are not granted on a token %s', async (_what, resource, audience, secondsLeft) => {
    expect(statusOf(await putToken(resource, audience, secondsLeft))).toBe(401);
  });
});

describe('management', () => {
  it('answers an operation that is not emulated, and a malformed request', async () => {
    await putToken('sb://127.0.0.1/q');
    const ask = (operation: string, body: unknown) =>
      request('q/$management', { body, application_properties: { operation } });
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
    const other = await connect({ sasl_mechanisms: { MSSBCBS: mechanism } });
    other.close();
    await once(other, 'connection_close');
  });

  it.each(['amqps://127.0.0.1/', 'sb://127.0.0.1'])('a token for %s covers all of the namespace', async (namespace) => {
    expect(statusOf(await putToken(namespace, 'sb://127.0.0.1/q'))).toBe(202);
    await once(connection.open_receiver('q'), 'receiver_open');
    expect(statusOf(await putToken(namespace))).toBe(202);
    expect(await refusalOf(connection.open_receiver('nowhere'))).toBe('amqp:not-found');
  });

  it('an answer has an int for a status and a symbol for a condition', async () => {
    const accepted = await encodedAnswer(() => putToken('sb://127.0.0.1/q'));
    const int = (value: number) => Buffer.from([0x71, 0, 0, value >> 8, value & 0xff]);
    const string = (text: string) => Buffer.concat([Buffer.from([0xa1, text.length]), Buffer.from(text)]);
    expect(accepted.includes(Buffer.concat([string('status-code'), int(202)]))).toBe(true);
    const refused = await encodedAnswer(() => putToken('sb://127.0.0.1/other', 'sb://127.0.0.1/q'));
    const condition = 'amqp:unauthorized-access';
    const symbol = Buffer.concat([Buffer.from([0xa3, condition.length]), Buffer.from(condition)]);
    expect(refused.includes(Buffer.concat([string('errorCondition'), symbol]))).toBe(true);
  });

  it.each(['nowhere', 'nowhere/$management'])('a link to %s is refused without a source or a target', async (path) => {
    await putToken('sb://127.0.0.1/');
    const receiver = connection.open_receiver(path);
    expect(await refusalOf(receiver)).toBe('amqp:not-found');
    expect(JSON.stringify([receiver.source, receiver.target])).toBe('[null,null]');
    const sender = connection.open_sender(path);
    await once(sender, 'sender_error');
    expect(JSON.stringify([sender.source, sender.target])).toBe('[null,null]');
  });

  it.each([0, 1, 2] as const)('a sender gets its settle mode back: %i', async (mode) => {
    await putToken('sb://127.0.0.1/q');
    const sender = connection.open_sender({ target: 'q', snd_settle_mode: mode });
    await once(sender, 'sendable');
    expect(sender.snd_settle_mode).toBe(mode);
  });

  it('a receiver whose credit comes with its attach gets no message before the answering attach', async () => {
    rig.broker.enqueue('q', { body: 'early' });
    await putToken('sb://127.0.0.1/q');
    const frames: string[] = [];
    const receiver = connection.open_receiver({ source: 'q', credit_window: 0 });
    receiver.on('receiver_open', () => frames.push('attach'));
    receiver.on('message', () => frames.push('transfer'));
    receiver.add_credit(1);
    await once(receiver, 'message');
    expect(frames).toEqual(['attach', 'transfer']);
  });
});

describe('drain', () => {
  it('is answered although the last credit was used up while it was on its way', async () => {
    await putToken('sb://127.0.0.1/q');
    const receiver = connection.open_receiver({ source: 'q', credit_window: 0, autoaccept: false });
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
