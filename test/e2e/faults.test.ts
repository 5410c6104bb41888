import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ControlClient } from './control-client.ts';
import { EXAMPLE, type Json, Rig } from './harness.ts';

const MINT = { service: 'arm', operation: 'createApiKey', times: 1 };
const REFUSED = { status: 400, body: { error: { code: 'BadRequest' } } };

let rig: Rig;
let control: ControlClient;
beforeAll(async () => {
  rig = await Rig.start();
  control = new ControlClient(rig);
});
afterEach(() => control.call('DELETE', '/faults'));
afterAll(() => rig.close());

/** `posts`: what ARM was asked; `minted`: what it did; `status` and `outcome`: what the caller was told. */
const FAULTS: readonly (readonly [string, Json, Json])[] = [
  ['a status', { ...MINT, fault: REFUSED }, { posts: 1, minted: 0, status: 502, outcome: 'upstream-refused' }],
  ['a delay', { ...MINT, fault: { delayMs: 50 } }, { posts: 1, minted: 1, status: 201, outcome: 'vended' }],
  [
    'a cut before',
    { ...MINT, fault: { drop: 'before' } },
    { posts: 1, minted: 0, status: 502, outcome: 'outcome-unknown' },
  ],
  [
    'a cut after',
    { ...MINT, fault: { drop: 'after' } },
    { posts: 1, minted: 1, status: 502, outcome: 'outcome-unknown' },
  ],
  [
    'half an answer',
    { ...MINT, fault: { truncate: true } },
    { posts: 1, minted: 1, status: 502, outcome: 'outcome-unknown' },
  ],
  ['no secret', { ...MINT, fault: { secret: '' } }, { posts: 1, minted: 1, status: 502, outcome: 'key-unusable' }],
  [
    'another owner',
    { ...MINT, fault: { owner: { id: 'u-1' } } },
    { posts: 1, minted: 1, status: 201, outcome: 'vended' },
  ],
  [
    'the call after',
    { ...MINT, after: 1, fault: { status: 400 } },
    { posts: 1, minted: 1, status: 201, outcome: 'vended' },
  ],
  [
    'a service',
    { service: 'table', fault: { status: 503 } },
    { posts: 0, minted: 0, status: 503, outcome: 'ledger-unavailable' },
  ],
];

it.each(FAULTS)('a fault armed from outside strikes with %s, and can be called off', async (what, rule, expected) => {
  const [posts, keys] = [rig.posts().length, rig.keys().length];
  expect(await control.call('POST', '/faults', rule)).toEqual({ status: 201, body: rule });
  const { status, body } = await rig.post(EXAMPLE, { key: what });
  const outcome = body.status === 'vended' ? 'vended' : String(body.type).split(':').at(-1);
  const seen = { posts: rig.posts().length - posts, minted: rig.keys().length - keys, status, outcome };
  expect(seen).toEqual(expected);
  if (what === 'another owner') expect(body).toMatchObject({ apiKey: { spec: { owner: { id: 'u-1' } } } });
  expect((await control.call('DELETE', '/faults')).status).toBe(204);
  expect((await rig.post(EXAMPLE, { key: `${what} called off` })).status).toBe(201);
});

it('a status for the bus is turned into what AMQP has for it, and the reply still comes once', async () => {
  const rule = { service: 'bus', operation: 'send', times: 1, fault: { status: 503 } };
  const { body } = await control.call('POST', '/faults', rule);
  expect(body).toEqual({ ...rule, fault: { condition: 'com.microsoft:server-busy' } });
  await control.call('POST', '/queues/vend-requests', { messageId: 'bus', body: EXAMPLE });
  expect((await rig.replyTo('bus')).subject).toBe('vended');
});
