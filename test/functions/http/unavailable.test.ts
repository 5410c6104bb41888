import { InvocationContext } from '@azure/functions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failureResponse, problemResponse } from '../../../src/functions/http/responses.ts';
import { PROBLEM_TYPES, PROBLEMS, problemOf } from '../../../src/vending/model/problems.ts';
import { REQUEST } from '../../vending/world/steps.ts';
import { Client, idOf, OPERATOR, problem, SETTINGS } from './client.ts';

const ID = 'a'.repeat(26);

let client: Client;
beforeEach(() => {
  client = new Client();
});

const failures = (): Record<string, unknown>[] => client.records('request-failed');
const silenceLedger = (): void => {
  client.world.fault = (call) => (['read', 'commit', 'list', 'listDue'].includes(call) ? 'lost' : undefined);
};

it.each<[problem: string, arrange: () => void]>([
  [
    'vault-unavailable',
    () => {
      client.world.vault.provenAt.clear();
      client.world.fault = (call) => (call === 'proveWritable' ? 'refused' : undefined);
    },
  ],
  ['ledger-unavailable', silenceLedger],
  [
    'paused',
    () => {
      client.settings = { ...SETTINGS, mode: 'paused' };
    },
  ],
])('%s is logged for operators once, with its credential, and says when to come back', async (type, arrange) => {
  arrange();
  const reply = await client.vend();
  expect(reply).toMatchObject({ status: 503, body: problem(type) });
  expect(Number(reply.headers['Retry-After'])).toBeGreaterThan(0);
  expect(failures()).toMatchObject([{ problem: type, credentialId: expect.stringMatching(/^[a-z2-7]{26}$/) }]);
});

it('a failure of every other route is logged too', async () => {
  silenceLedger();
  client.as(OPERATOR);
  const named = [
    await client.get(ID),
    await client.revoke(ID),
    await client.rotate(ID),
    await client.endOverlap(ID, { body: { apiKeyId: 'KEY' } }),
    await client.resolve(ID, { body: { decision: 'none' } }),
  ];
  const others = [
    await client.list(),
    await client.listOpen(),
    await client.findKey('KEY'),
    await client.beginBulk({ body: { operation: 'revoke', filter: { cluster: 'lkc-1126wj' }, expect: 1 } }),
    await client.getBulk(ID),
    await client.controlBulk(ID, { body: { state: 'paused' } }),
  ];
  for (const reply of [...named, ...others])
    expect(reply).toMatchObject({ status: 503, headers: { 'Retry-After': '5' }, body: problem('ledger-unavailable') });
  const failure = { event: 'request-failed', problem: 'ledger-unavailable', caller: OPERATOR.id };
  expect(failures()).toEqual([...named.map(() => ({ ...failure, credentialId: ID })), ...others.map(() => failure)]);
});

it('an identity provider that is silent is logged too', async () => {
  client.authentication = { kind: 'unavailable', upstream: { service: 'identity', status: 503 } };
  expect(await client.vend()).toMatchObject({ status: 503, headers: { 'Retry-After': '10' } });
  expect(failures()).toEqual([{ event: 'request-failed', problem: 'identity-provider-unavailable' }]);
});

it('what was vended, and what the caller got wrong, is no failure', async () => {
  const id = idOf(await client.vend());
  expect(await client.vend({ body: { ...REQUEST, name: 'other' } })).toMatchObject({ status: 422 });
  expect(await client.vend({ body: {} })).toMatchObject({ status: 400 });
  client.as({ id: 'entra:t:stranger', roles: [] });
  expect(await client.vend()).toMatchObject({ status: 403 });
  expect(await client.revoke(id)).toMatchObject({ status: 404 });
  expect(failures()).toEqual([]);
});

it.each(PROBLEM_TYPES)('%s is logged as a failure of the service, as a denial, or not at all', (type) => {
  const events: unknown[] = [];
  const logHandler = (_level: string, line: unknown): void => void events.push(JSON.parse(String(line)).event);
  const { status } = failureResponse(new InvocationContext({ logHandler }), problemOf(type, 'x'));
  if (status === 403) expect(events).toEqual(['request-denied']);
  else expect(events).toEqual(Number(status) >= 500 ? ['request-failed'] : []);
});

describe('an answer', () => {
  beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-03-01T14:03:19.100Z') }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    [0, '1', 'Busy. Not before 14:03:20 UTC.'],
    [500, '1', 'Busy. Not before 14:03:20 UTC.'],
    [61_000, '61', 'Busy. Not before 14:04:21 UTC.'],
    [10 * 3_600_000, '36000', 'Busy. Not before 2026-03-02 00:03:20 UTC.'],
  ])('that asks to wait %d ms says until when', (retryAfterMs, header, detail) => {
    const { headers, jsonBody } = problemResponse(problemOf('request-in-progress', 'Busy.', retryAfterMs));
    expect(headers).toMatchObject({ 'Retry-After': header });
    expect(jsonBody).toMatchObject({ detail });
  });

  it.each(['Too soon; not before 2026.', 'Too soon. Not before 2026.'])('does not say it twice: %s', (detail) => {
    const { jsonBody } = problemResponse(problemOf('rotation-too-soon', detail, 5_000));
    expect(jsonBody).toMatchObject({ detail });
  });

  it('of 503 always says when to come back', () => {
    const unavailable = PROBLEM_TYPES.filter((type) => PROBLEMS[type].status === 503);
    expect(unavailable.length).toBeGreaterThan(8);
    for (const type of unavailable)
      expect(problemResponse(problemOf(type, 'x')).headers).toMatchObject({ 'Retry-After': '5' });
  });

  it('names its charset', () => {
    expect(problemResponse(problemOf('revoked', 'x')).headers).toMatchObject({
      'Content-Type': 'application/problem+json; charset=utf-8',
    });
  });
});
