import { afterAll, beforeAll, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { EXAMPLE, Rig, until } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ QUEUE_RETRY_BASE_SECONDS: '1' });
});
afterAll(async () => {
  await rig.close();
});

it.each(['42', '-7', '0123'])(
  'a message whose id is %s, which is an integer or nearly, is served under it',
  async (id) => {
    rig.send(id, EXAMPLE);
    expect((await rig.replyTo(id)).subject).toBe('vended');
  },
);

it.each(['12345678901234567890', '1.5', '-0', 'true', 'null', '{"a":1}'])(
  'a message whose id is %s, which the library parses, is refused, and the answer has its sequence number',
  async (id) => {
    const before = rig.replies().length;
    rig.send(id, EXAMPLE);
    const reply = await until(() => rig.replies()[before]);
    expect(reply).toMatchObject({
      subject: 'idempotency-key-required',
      applicationProperties: { sequenceNumber: expect.any(String), enqueuedTime: expect.any(String) },
    });
    expect(reply.correlationId).toBeUndefined();
  },
);

it('messages whose ids are spellings of one number are all answered, with one key for one request', async () => {
  const ids = ['4711000', '4711e3', '47110e2'];
  const answersTo4711000 = (): readonly string[] =>
    rig
      .replies()
      .filter(({ correlationId }) => correlationId === '4711000')
      .map(({ subject }) => String(subject));
  const before = rig.posts().length;
  for (const id of ids) rig.send(id, EXAMPLE);
  await until(() => (answersTo4711000().length === 3 ? true : undefined));
  expect(answersTo4711000()).toEqual(['vended', 'vended', 'vended']);
  expect(rig.posts()).toHaveLength(before + 1);
  rig.send('471100e1', { ...EXAMPLE, name: 'another' });
  await until(() => (answersTo4711000().includes('idempotency-key-reused') ? true : undefined));
});

it('a message whose id the library parses is served by the key in its body', async () => {
  const before = rig.replies().length;
  rig.send('1e400', { ...EXAMPLE, idempotencyKey: '1e400' });
  expect((await until(() => rig.replies()[before])).subject).toBe('vended');
});

it.each([
  ['an array', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
  ['a field', `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
  ['an object', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
])('%s nested 50,000 deep is answered', async (what, body) => {
  rig.send(what, body);
  expect((await rig.replyTo(what)).subject).toMatch(/^(malformed|invalid)-request$/);
});

it('messages that forge the same metadata are all answered', async () => {
  const before = rig.replies().length;
  for (const n of [1, 2, 3]) rig.send(`forger-${n}`, { messageId: 'forged', n });
  await until(() => rig.replies()[before + 2]);
  const echoed = rig
    .replies()
    .slice(before)
    .map(({ body }) => (body as { rejected: { bodyBase64: string } }).rejected.bodyBase64);
  expect(new Set(echoed).size).toBe(3);
});

it('a body of 200 KB comes back in part', async () => {
  rig.send('long', { a: 'x'.repeat(200_000) });
  expect((await rig.replyTo('long')).body).toMatchObject({ rejected: { truncated: true } });
});

it('a request whose retry message cannot be sent is delivered again, and served in the end', async () => {
  const before = rig.posts().length;
  const throttled = { status: 429, headers: { 'retry-after': '1' } };
  rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: throttled });
  rig.fault({ service: 'bus', operation: 'send', times: 4, fault: { condition: 'com.microsoft:server-busy' } });
  rig.send('retry-fails', EXAMPLE);
  expect((await rig.replyTo('retry-fails')).subject).toBe('vended');
  expect(rig.posts().length - before).toBe(2);
  expect(JSON.stringify(rig.sandbox.function.logs())).toContain('retry-not-sent');
});

it('none of them is lost', () => {
  expect(rig.sandbox.azure.broker.view(WORLD.queues.request)).toEqual({ messages: [], deadLetters: [] });
});
