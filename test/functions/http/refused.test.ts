import { beforeEach, describe, expect, it } from 'vitest';
import { REQUEST } from '../../vending/world/steps.ts';
import { Client, idOf, OPERATOR, problem, type Reply, type Sent } from './client.ts';

let client: Client;
let id: string;
beforeEach(async () => {
  client = new Client();
  id = idOf(await client.vend());
});

/** Keys and credentials as they are now: what a refused request must not change. */
const state = (): unknown => [
  client.world.confluent.posts.length,
  client.world.confluent.live(),
  client.world.ledger.changes.length,
];

async function expectRefused(send: () => Promise<Reply>, reply: object): Promise<void> {
  const before = state();
  expect(await send()).toMatchObject({ status: 400, ...reply });
  expect(state()).toEqual(before);
}

const atParameter = (parameter: string, detail: unknown): object => ({
  body: { ...problem('invalid-request'), errors: [{ parameter, detail }] },
});

describe('a query parameter that the route does not know changes nothing', () => {
  it.each<[name: string, detail: string]>([
    ['validateonly', 'must be spelled validateOnly'],
    ['ValidateOnly', 'must be spelled validateOnly'],
    ['dryRun', 'is not a known query parameter'],
  ])('DELETE ?%s=true', (name, detail) =>
    expectRefused(() => client.revoke(id, { query: { [name]: 'true' } }), atParameter(name, detail)),
  );

  it.each<[method: string, send: (sent: Sent) => Promise<Reply>]>([
    ['vend', (sent) => client.vend({ key: 'order-2', ...sent })],
    ['rotate', (sent) => client.rotate(id, sent)],
    ['end-overlap', (sent) => client.endOverlap(id, { body: { apiKeyId: 'KEY' }, ...sent })],
    ['resolve', (sent) => client.as(OPERATOR).resolve(id, { body: { decision: 'look' }, ...sent })],
  ])('%s ?validateOnly=true', (_, send) =>
    expectRefused(
      () => send({ query: { validateOnly: 'true' } }),
      atParameter('validateOnly', 'is no query parameter here: send it in the JSON body'),
    ),
  );

  it('nor does a known one that is given twice, however it is spelled', () =>
    expectRefused(() => client.list({ limit: '1', Limit: '2' }), atParameter('Limit', 'may be given once')));

  it('and the first 20 of many are named', async () => {
    const query = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`p${n}`, '1']));
    expect((await client.list(query)).body.errors).toHaveLength(20);
  });

  it('and is named as far as it can be printed', () =>
    expectRefused(
      () => client.list({ ['\u0000x'.repeat(50)]: '1' }),
      atParameter(expect.stringMatching(/^(\uFFFDx){32}…$/), 'is not a known query parameter'),
    ));
});

it.each(['', 'True', '1', 'true,true', 'yes'])('DELETE ?validateOnly=%s is no dry run, and no revocation', (value) =>
  expectRefused(
    () => client.revoke(id, { query: { validateOnly: value } }),
    atParameter('validateOnly', 'must be true or false'),
  ),
);

it.each([
  ['cluster', '', 'must not be empty'],
  ['cluster', 'x'.repeat(201), 'must be at most 200 characters'],
  ['managed', 'yes', 'must be true or false'],
])('a list of the %s "%s" says what is allowed', async (name, value, detail) => {
  await expectRefused(() => client.list({ [name]: value }), atParameter(name, detail));
});

it('what gateways add to the query is ignored', async () => {
  const query = { code: 'x', 'Subscription-Key': 'y' };
  expect(await client.get(id, { query })).toMatchObject({ status: 200 });
  expect(await client.revoke(id, { query: { ...query, validateOnly: 'true' } })).toMatchObject({ status: 200 });
});

it.each([
  ['limit', '0', 'must be a whole number, 1 to 50'],
  ['limit', '51', 'must be a whole number, 1 to 50'],
  ['limit', '1e1', 'must be a whole number, 1 to 50'],
  ['cursor', '', 'must be the next of an earlier page'],
  ['cursor', 'ä', 'must be the next of an earlier page'],
  ['reason', 'due', 'must be one of unknown, undecided, rotation-suspended, unreadable'],
])('a list ?%s=%s says what is allowed', async (name, value, detail) => {
  client.as(OPERATOR);
  await expectRefused(() => client.listOpen({ [name]: value }), atParameter(name, detail));
});

describe('a DELETE with a body changes nothing', () => {
  it.each<[string, Sent]>([
    ['that arrives', { text: '{"validateOnly":true}' }],
    ['of one byte', { text: '1' }],
    ['of which only the length arrives', { headers: { 'content-length': '21' } }],
    ['of one byte, of which only the length arrives', { headers: { 'content-length': '1' } }],
    ['in chunks, which the host drops', { headers: { 'transfer-encoding': 'chunked' } }],
  ])('%s', (_, sent) =>
    expectRefused(() => client.revoke(id, sent), { body: { detail: expect.stringContaining('?validateOnly=true') } }),
  );

  it('but one with a length of zero has none', async () => {
    expect(await client.revoke(id, { headers: { 'content-length': '0' } })).toMatchObject({ body: { id } });
  });
});

describe('several Idempotency-Key lines change nothing', () => {
  it.each(['r1,r1', 'r1, r1', 'r1,r2', ',r1', 'r1,'])('joined to %s', async (key) => {
    const reply = { body: { ...problem('invalid-request'), detail: expect.stringContaining('one header line') } };
    await expectRefused(() => client.vend({ key }), reply);
    await expectRefused(() => client.rotate(id, { key }), reply);
  });

  it.each(['', 'ä', 'x'.repeat(129)])('nor does the key %j', async (key) => {
    const reply = { body: { detail: expect.stringContaining('1 to 128 printable') } };
    await expectRefused(() => client.vend({ key }), reply);
    await expectRefused(() => client.rotate(id, { key }), reply);
  });
});

describe('a body that the host did not pass on', () => {
  const lost: [string, Record<string, string>][] = [
    ['sent in chunks', { 'transfer-encoding': 'chunked' }],
    ['with a type and no length', { 'content-type': 'application/json' }],
  ];
  const told = { body: { ...problem('malformed-request'), detail: expect.stringContaining('Content-Length') } };

  it.each(lost)('is no empty body: %s', async (_, headers) => {
    await expectRefused(() => client.vend({ body: undefined, headers }), told);
    // It may have said validateOnly.
    await expectRefused(() => client.rotate(id, { headers }), told);
    await expectRefused(() => client.endOverlap(id, { headers }), told);
  });

  it('is missing where nothing says that there was one', async () => {
    const missing = { body: { ...problem('malformed-request'), detail: 'The request needs a JSON body.' } };
    await expectRefused(() => client.vend({ body: undefined }), missing);
    const headers = { 'content-type': 'application/json', 'content-length': '0' };
    await expectRefused(() => client.vend({ body: undefined, headers }), missing);
    await expectRefused(() => client.endOverlap(id), missing);
  });
});

describe('every field that is wrong is named with its rule, in our words', () => {
  const errors = (...all: [pointer: string, detail: unknown][]): object => ({
    body: { ...problem('invalid-request'), errors: all.map(([pointer, detail]) => ({ pointer, detail })) },
  });

  it.each<[body: unknown, errors: object]>([
    [[], errors(['', 'must be a JSON object'])],
    ['rotate', errors(['', 'must be a JSON object'])],
    [{ overlap: 7 }, errors(['/overlap', expect.stringContaining('ISO 8601')])],
    [{ overlap: 'PT0M' }, errors(['/overlap', 'must be at least PT1M and at most P3650D'])],
    [{ replaces: 7 }, errors(['/replaces', 'must be a string'])],
    [{ replaces: 'a b' }, errors(['/replaces', 'must be the id of an API key'])],
    [{ validateOnly: 'true' }, errors(['/validateOnly', 'must be true or false'])],
    [{ idempotencyKey: 'x' }, errors(['/idempotencyKey', 'is not a known field'])],
  ])('rotate %j', (body, reply) => expectRefused(() => client.rotate(id, { body }), reply));

  it.each<[body: unknown, errors: object]>([
    [{}, errors(['/apiKeyId', 'is required'])],
    [{ apiKeyId: null }, errors(['/apiKeyId', 'is required'])],
    [{ apiKeyId: ['a'] }, errors(['/apiKeyId', 'must be a string'])],
  ])('end-overlap %j', (body, reply) => expectRefused(() => client.endOverlap(id, { body }), reply));

  it.each<[body: unknown, errors: object]>([
    [{}, errors(['/decision', expect.stringContaining('"nothing-left"')])],
    [{ decision: 'maybe' }, errors(['/decision', expect.stringContaining('"nothing-left"')])],
    [{ decision: 'key' }, errors(['/apiKeyId', 'is required'])],
    [{ decision: 'look', apiKeyId: 'K' }, errors(['/apiKeyId', 'is not a known field'])],
    [{ decision: 'none', vaultIsGone: false }, errors(['/vaultIsGone', 'must be true, or left out'])],
    [{ decision: 'key', apiKeyId: 'K', gone: false }, errors(['/gone', 'must be true, or left out'])],
    [{ decision: 'none', versions: [] }, errors(['/versions', expect.stringMatching(/^must be /)])],
    [{ decision: 'none', versions: { '!': 'attempt' } }, errors(['/versions/!', expect.stringMatching(/^must be /)])],
    [{ decision: 'none', versions: { ab: 'mine' } }, errors(['/versions/ab', 'must be "attempt" or "other"'])],
  ])('resolve %j', (body, reply) => {
    client.as(OPERATOR);
    return expectRefused(() => client.resolve(id, { body }), reply);
  });

  it('vend', () =>
    expectRefused(
      () => client.vend({ key: 'order-2', body: { ...REQUEST, clusterId: 7, name: '', x: 1 } }),
      errors(
        ['/clusterId', 'must be a string'],
        ['/name', 'must be 1 to 64 characters long'],
        ['/x', 'is not a known field'],
      ),
    ));
});
