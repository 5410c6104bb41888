import { beforeEach, describe, expect, it } from 'vitest';
import type { Command, Outcome } from '../../src/vending/command.ts';
import { perform } from '../../src/vending/command.ts';
import type { OutgoingEvent } from '../../src/vending/events/outgoing-schema.ts';
import { tellExpired } from '../../src/vending/events/tell-expired.ts';
import { rotationIdOf } from '../../src/vending/model/idempotency.ts';
import type { VendedIntent } from '../../src/vending/saga/outcome.ts';
import { HOUR, OWN, revokeIn, rotateIn, vendedIn } from './lifecycle.ts';
import { faultsAt, heldAt, refuseMints } from './saga/steps.ts';
import { ask, COMMAND, SETTINGS } from './saga/vending.ts';
import { type Call, World } from './saga/world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

const READING: readonly Call[] = ['read', 'lookUpName'];

/** What a trial says; it must not have done more than look. */
async function trial(command: Command, settings = SETTINGS): Promise<Outcome> {
  const { length } = world.calls;
  const outcome = await perform(world.ports(), settings, command);
  expect(world.calls.slice(length).filter((call) => !READING.includes(call))).toEqual([]);
  return outcome;
}
const vendTrial = (request: object = {}, settings = SETTINGS): Promise<Outcome> =>
  trial({ operation: 'vend', ...COMMAND, request: { ...COMMAND.request, ...request, validateOnly: true } }, settings);
const orderTrial = (operation: 'rotate' | 'revoke', requestId: string, settings = SETTINGS): Promise<Outcome> =>
  trial({ operation, authority: OWN, requestId, validateOnly: true }, settings);

const effectOf = (outcome: Outcome): string =>
  outcome.kind === 'previewed' ? outcome.preview.effect : outcome.kind === 'problem' ? outcome.problem.type : '';

describe('a vend tried out', () => {
  it('says that a key would be minted, and where its secret would go', async () => {
    const outcome = await vendTrial({ validFor: 'P30D' });
    expect(outcome).toMatchObject({
      kind: 'previewed',
      preview: { operation: 'vend', effect: 'mint', rule: 'orders', secret: { vaultUrl: SETTINGS.defaultVaultUrl } },
    });
    expect(outcome.kind === 'previewed' && outcome.preview.expiresOn).toBe('2026-01-31T00:00:00.000Z');
    expect(world.rows.size).toBe(0);
  });

  it('says that there is one, for a request that vended or was rotated', async () => {
    const { id } = await vendedIn(world);
    expect(effectOf(await vendTrial())).toBe('replay');
    await rotateIn(world, id);
    expect(effectOf(await vendTrial())).toBe('replay');
  });

  it.each<[string, () => Promise<unknown> | unknown, string]>([
    ['was revoked', async () => revokeIn(world, (await vendedIn(world)).id), 'revoked'],
    ['is unknown', () => askWith({ mint: { 1: 'unanswered' } }), 'outcome-unknown'],
    ['is being worked on', () => heldAt(world, 'store', 1, () => ask(world)), 'request-in-progress'],
    ['failed and may be tried again', () => askWith({ mint: { 1: 'refused' } }), 'mint'],
  ])('says of a request that %s what it would be told', async (_, prepare, effect) => {
    await prepare();
    world.turn = async () => undefined;
    expect(effectOf(await vendTrial())).toBe(effect);
  });

  async function askWith(script: Parameters<typeof faultsAt>[0]): Promise<void> {
    world.fault = faultsAt(script);
    await ask(world);
    world.fault = () => undefined;
  }

  it('is refused like the vend itself', async () => {
    expect(effectOf(await vendTrial({}, { ...SETTINGS, policy: { rules: [] } }))).toBe('forbidden');
    expect(effectOf(await vendTrial({}, { ...SETTINGS, targetDefaults: {} }))).toBe('invalid-request');
    expect(effectOf(await vendTrial({}, { ...SETTINGS, mode: 'paused' }))).toBe('paused');
    expect(effectOf(await vendTrial({ secretName: 'elsewhere' }))).toBe('invalid-request');
    world.versions.push({ name: 'orders-taken', version: 'v', value: '', tags: {}, enabled: true });
    expect(effectOf(await vendTrial({ secretName: 'orders-taken' }))).toBe('secret-name-taken');
    await vendedIn(world);
    expect(effectOf(await vendTrial({ name: 'another' }))).toBe('idempotency-key-reused');
    world.fault = () => 'lost';
    expect(effectOf(await vendTrial())).toBe('ledger-unavailable');
  });
});

describe('a rotation tried out', () => {
  let old: VendedIntent;
  beforeEach(async () => {
    old = await vendedIn(world);
  });

  it('says that a key would be minted for the same secret, and until when the old one would live', async () => {
    expect(await orderTrial('rotate', old.id)).toMatchObject({
      preview: {
        operation: 'rotate',
        effect: 'mint',
        requestId: rotationIdOf(old),
        secret: { name: old.secretName },
        oldKeyUntil: new Date(world.now + 25 * HOUR).toISOString(),
      },
    });
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['was rotated', () => rotateIn(world, old.id), 'replay'],
    ['was revoked', () => revokeIn(world, old.id), 'revoked'],
    ['has a rotation under way', () => heldAt(world, 'store', 1, () => rotateIn(world, old.id)), 'request-in-progress'],
  ])('of a key that %s says so', async (_, prepare, effect) => {
    await prepare();
    world.turn = async () => undefined;
    expect(effectOf(await orderTrial('rotate', old.id))).toBe(effect);
  });

  it('is refused like the rotation itself', async () => {
    expect(effectOf(await orderTrial('rotate', 'a'.repeat(26)))).toBe('not-found');
    expect(effectOf(await orderTrial('rotate', old.id, { ...SETTINGS, mode: 'revoke-only' }))).toBe('paused');
    await rotateIn(world, old.id);
    expect(effectOf(await orderTrial('rotate', rotationIdOf(old)))).toBe('rotation-too-soon');
    world.fault = faultsAt({ read: { 1: 'lost' } });
    expect(effectOf(await orderTrial('rotate', old.id))).toBe('ledger-unavailable');
    world.fault = faultsAt({ read: { 2: 'lost' } });
    expect(effectOf(await orderTrial('rotate', rotationIdOf(old)))).toBe('ledger-unavailable');
  });

  it('of a request that has no key says so', async () => {
    world = new World();
    refuseMints(world);
    const failed = await ask(world);
    expect(effectOf(await orderTrial('rotate', failed.kind === 'problem' ? failed.requestId : ''))).toBe(
      'not-rotatable',
    );
  });
});

describe('a revocation tried out', () => {
  it('says that the key would be deleted, and later that it was', async () => {
    const { id } = await vendedIn(world);
    expect(effectOf(await orderTrial('revoke', id))).toBe('revoke');
    world.now += 61_000;
    await revokeIn(world, id);
    expect(effectOf(await orderTrial('revoke', id))).toBe('none');
  });

  it('is refused like the revocation itself', async () => {
    expect(effectOf(await orderTrial('revoke', 'a'.repeat(26)))).toBe('not-found');
    refuseMints(world);
    const failed = await ask(world);
    expect(effectOf(await orderTrial('revoke', failed.kind === 'problem' ? failed.requestId : ''))).toBe(
      'not-revocable',
    );
    world.fault = () => 'lost';
    expect(effectOf(await orderTrial('revoke', 'a'.repeat(26)))).toBe('ledger-unavailable');
  });
});

describe('the expiry of a secret', () => {
  it('is told under one id however often; not told, it says that it has to come again', async () => {
    const intent = await vendedIn(world);
    const expired = { ...intent, expiresOn: '2026-02-01T00:00:00.000Z' };
    const told: OutgoingEvent[] = [];
    let takes = true;
    const events = {
      publish: async (event: OutgoingEvent) => {
        if (takes) told.push(event);
        return takes
          ? ({ kind: 'published' } as const)
          : ({ kind: 'not-published', upstream: { service: 'events' } } as const);
      },
    };
    for (const _ of [1, 2]) expect(await tellExpired({ ...world.ports(), events }, expired)).toBeUndefined();
    expect(told[0]).toMatchObject({ type: 'confluent-key-vending.apikey.expired.v1', subject: intent.id });
    expect(told[1]?.id).toBe(told[0]?.id);
    takes = false;
    expect(await tellExpired({ ...world.ports(), events }, expired)).toMatchObject({ type: 'queue-unavailable' });
    expect(await tellExpired(world.ports(), expired)).toBeUndefined();
  });
});
