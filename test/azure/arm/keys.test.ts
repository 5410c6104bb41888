import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import type { ConfluentKeys } from '../../../src/vending/ports/confluent.ts';
import { answering } from './answering.ts';
import {
  EXAMPLE_KEY,
  errorAnswer,
  exampleAnswer,
  failingCredential,
  goodCredential,
  keyPath,
  TARGET,
} from './fixtures.ts';
import { type Script, type ScriptedArm, startScriptedArm } from './scripted-arm.ts';

let arm: ScriptedArm;
let keys: ConfluentKeys;

beforeAll(async () => {
  arm = await startScriptedArm();
  keys = createConfluentKeys({ credential: goodCredential, endpoint: arm.endpoint });
});
afterAll(() => arm.close());

const cut: Script = (_res, _request, faults) => faults.reset();

const thenAnswering =
  (first: Script, status: number, body?: unknown): Script =>
  (...exchange) =>
    (arm.seen().length === 1 ? first : answering(status, body))(...exchange);

describe('deleting a key', () => {
  it.each<[string, Script, string]>([
    ['200', answering(200), 'deleted'],
    ['200 with null, as the provider has been seen to answer', answering(200, 'null'), 'deleted'],
    ['202, which is not done yet', answering(202), 'unclear'],
    ['204', answering(204), 'absent'],
    ['201', answering(201), 'unclear'],
    ['404', answering(404, errorAnswer('NotFound')), 'absent'],
    ['404 without a code, as from a proxy', answering(404), 'unclear'],
    ['404 for the organization', answering(404, errorAnswer('ParentResourceNotFound')), 'unclear'],
    [
      '404 for a version that ARM does not serve any more',
      answering(404, errorAnswer('InvalidResourceType')),
      'unclear',
    ],
    ['404 for a provider that is not registered', answering(404, errorAnswer('InvalidResourceNamespace')), 'unclear'],
    ['404 of the gateway', answering(404, errorAnswer('NotFound'), { 'x-ms-failure-cause': 'gateway' }), 'unclear'],
    ['404 of the Gateway', answering(404, errorAnswer('NotFound'), { 'x-ms-failure-cause': 'Gateway' }), 'unclear'],
    ['404 of the provider', answering(404, errorAnswer('NotFound'), { 'x-ms-failure-cause': 'service' }), 'absent'],
    ['403', answering(403, errorAnswer('Forbidden')), 'forbidden'],
    ['401', answering(401), 'unclear'],
    ['409', answering(409), 'unclear'],
    ['409 for a lock', answering(409, errorAnswer('ScopeLocked')), 'refused'],
    ['409 of the gateway', answering(409, errorAnswer('New'), { 'x-ms-failure-cause': 'gateway' }), 'refused'],
    ['409 of the provider', answering(409, errorAnswer('New'), { 'x-ms-failure-cause': 'service' }), 'unclear'],
    ['404 for the resource group', answering(404, errorAnswer('ResourceGroupNotFound')), 'unclear'],
    ['404 for the subscription', answering(404, errorAnswer('SubscriptionNotFound')), 'unclear'],
    ['307, which is not followed', answering(307, undefined, { location: '/elsewhere' }), 'unclear'],
    ['429 without a time', answering(429), 'unclear'],
  ])('%s', async (_name, script, kind) => {
    arm.play(script);
    expect((await keys.deleteKey(TARGET, EXAMPLE_KEY.id)).kind).toBe(kind);
    expect(arm.seen()).toHaveLength(1);
    expect(arm.seen()[0]).toMatchObject({ method: 'DELETE', url: keyPath(EXAMPLE_KEY.id), body: '' });
  });

  it.each<[string, Script]>([
    ['a reset', cut],
    ['a 503', answering(503)],
    ['a 500', answering(500)],
    ['a 429 with a time', answering(429, undefined, { 'retry-after-ms': '1' })],
  ])('is repeated after %s', async (_name, fault) => {
    arm.play(thenAnswering(fault, 204));
    expect((await keys.deleteKey(TARGET, EXAMPLE_KEY.id)).kind).toBe('absent');
    expect(arm.seen()).toHaveLength(2);
  });

  it('gives up on a failing service, saying with what it failed', async () => {
    arm.play(answering(502, errorAnswer('BadGateway')));
    expect(await keys.deleteKey(TARGET, EXAMPLE_KEY.id)).toEqual({
      kind: 'unclear',
      upstream: { service: 'arm', status: 502, code: 'BadGateway', requestId: 'req-1' },
    });
    expect(arm.seen()).toHaveLength(3);
  });

  it('is unclear without a token', async () => {
    arm.play(answering(204));
    const tokenless = createConfluentKeys({ credential: failingCredential, endpoint: arm.endpoint });
    expect(await tokenless.deleteKey(TARGET, EXAMPLE_KEY.id)).toEqual({
      kind: 'unclear',
      upstream: { service: 'identity', code: 'CredentialUnavailableError' },
    });
    expect(arm.seen()).toEqual([]);
  });

  it.each(['..', '.', '', 'a/b', 'a%2Fb', 'a b', 'a?b', `${'A'.repeat(65)}`])(
    'never sends the id %j, lest it delete the organization',
    async (keyId) => {
      arm.play(answering(204));
      const illegal = { kind: 'unclear', upstream: { service: 'arm', code: 'IllegalPathSegment' } };
      expect(await keys.deleteKey(TARGET, keyId)).toEqual(illegal);
      expect(await keys.getKey(TARGET, keyId)).toEqual(illegal);
      expect(await keys.deleteKey({ ...TARGET, organizationName: '..' }, EXAMPLE_KEY.id)).toEqual(illegal);
      expect(arm.seen()).toEqual([]);
    },
  );
});

describe('looking up a key', () => {
  it('hands back the record', async () => {
    arm.play(answering(200, exampleAnswer()));
    expect(await keys.getKey(TARGET, EXAMPLE_KEY.id)).toEqual({
      kind: 'found',
      key: EXAMPLE_KEY,
      upstream: { service: 'arm', status: 200, requestId: 'req-1' },
    });
    expect(arm.seen()[0]).toMatchObject({
      method: 'GET',
      url: keyPath(EXAMPLE_KEY.id),
      headers: { 'accept-encoding': 'identity' },
    });
  });

  it.each<[string, Script, string]>([
    ['404', answering(404, errorAnswer('NotFound')), 'absent'],
    ['404 of the gateway', answering(404, errorAnswer('NotFound'), { 'x-ms-failure-cause': 'gateway' }), 'unclear'],
    ['403', answering(403), 'forbidden'],
    ['400', answering(400), 'unclear'],
    ['200 with another key', answering(200, { ...exampleAnswer(), id: 'ANOTHER' }), 'unclear'],
    ['200 with null', answering(200, 'null'), 'unclear'],
    ['204', answering(204), 'unclear'],
  ])('%s', async (_name, script, kind) => {
    arm.play(script);
    expect((await keys.getKey(TARGET, EXAMPLE_KEY.id)).kind).toBe(kind);
  });
});
