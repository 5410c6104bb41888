import { afterAll, beforeAll, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/world.ts';
import { EXAMPLE, Rig, until } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ QUEUE_RETRY_BASE_SECONDS: '1' });
});
afterAll(async () => {
  await rig.close();
});

it.each(['42', 'true', '0123'])('a message whose id is %s, which is JSON or nearly, is served under it', async (id) => {
  rig.send(id, EXAMPLE);
  expect((await rig.replyTo(id)).subject).toBe('vended');
});

it.each(['12345678901234567890', '1.5'])(
  'a message whose id is %s, which the library spoils, is told so',
  async (id) => {
    const before = rig.replies().length;
    rig.send(id, EXAMPLE);
    expect((await until(() => rig.replies()[before])).subject).toBe('idempotency-key-required');
  },
);

it('a message whose id the library spoils is served by the key in its body', async () => {
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

it('a request whose delayed copy cannot be sent is delivered again, and served in the end', async () => {
  const before = rig.posts().length;
  const throttled = { status: 429, headers: { 'retry-after': '1' } };
  rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: throttled });
  rig.fault({ service: 'bus', operation: 'send', times: 4, fault: { condition: 'com.microsoft:server-busy' } });
  rig.send('copy-fails', EXAMPLE);
  expect((await rig.replyTo('copy-fails')).subject).toBe('vended');
  expect(rig.posts().length - before).toBe(2);
  expect(JSON.stringify(rig.sandbox.function.logs())).toContain('copy-not-sent');
});

it('none of them is lost', () => {
  expect(rig.sandbox.azure.broker.view(WORLD.queues.request)).toEqual({ messages: [], deadLetters: [] });
});
