import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import rhea, { type Connection, type EventContext, type Message, type Receiver } from 'rhea';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useBroker } from './rig.ts';

const rig = useBroker({ name: 'q' });
let connection: Connection;

beforeEach(async () => {
  const container = rhea.create_container();
  container.on('disconnected', () => undefined);
  connection = container.connect({ host: '127.0.0.1', port: rig.broker.port, username: 'anonymous', reconnect: false });
  await once(connection, 'connection_open');
});
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
