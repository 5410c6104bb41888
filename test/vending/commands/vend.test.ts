import { describe, expect, it } from 'vitest';
import type { IdempotencyKey } from '../../../src/vending/model/idempotency.ts';
import { expectInvariants } from '../world/invariants.ts';
import type { Fault } from '../world/network.ts';
import { credentialOf, DAY, faultsAt, ID, RULE, rowIn, SETTINGS, typeOf, vendIn, withRule } from '../world/steps.ts';
import { VAULT, World } from '../world/world.ts';

describe('a vend', () => {
  it('stores the secret, answers with the credential, and publishes that it vended', async () => {
    const world = new World();
    const credential = credentialOf(await vendIn(world));
    const [key] = world.confluent.keys;
    const [version] = world.vault.versions;
    expect(version).toMatchObject({ value: key?.secret, name: credential.secretName, vaultUrl: VAULT, enabled: true });
    expect(credential).toMatchObject({ id: ID, attempts: 1, current: { key: { id: key?.record.id } } });
    expect(credential.secretName, 'the whole id is in the name').toMatch(new RegExp(`${ID}$`));
    await world.settled();
    expect(world.published.map(({ subject }) => subject)).toEqual([ID]);
    expectInvariants(world, [credential]);
  });

  it('is one, however often it is asked for at once', async () => {
    const world = new World();
    const outcomes = await Promise.all([1, 2, 3].map(() => vendIn(world)));
    expect(outcomes.map(typeOf).toSorted()).toEqual(['request-in-progress', 'request-in-progress', 'vended']);
    expect(world.confluent.keys).toHaveLength(1);
  });

  it('asked for again is a replay, and mints nothing', async () => {
    const world = new World();
    const { current } = credentialOf(await vendIn(world));
    expect(await vendIn(world)).toMatchObject({ kind: 'vended', replayed: true, credential: { current } });
    expect(world.confluent.posts).toHaveLength(1);
  });

  it.each<Fault>(['lost', 'unanswered'])('is not repeated while the look at the row is %s', async (fault) => {
    const world = new World();
    await vendIn(world);
    world.fault = faultsAt({ read: { 1: fault } });
    expect(typeOf(await vendIn(world))).toBe('ledger-unavailable');
    expect(world.confluent.posts).toHaveLength(1);
  });

  it('under a key that belongs to another request is refused', async () => {
    const world = new World();
    await vendIn(world);
    expect(typeOf(await vendIn(world, { request: { name: 'another' } }))).toBe('idempotency-key-reused');
  });

  it('repeated with Azure names in other letters is the same request', async () => {
    const world = new World();
    await vendIn(world, { request: { resourceGroupName: 'Group' } });
    expect(await vendIn(world, { request: { resourceGroupName: 'GROUP' } })).toMatchObject({ replayed: true });
  });

  it('touches nothing where policy refuses', async () => {
    const world = new World();
    expect(typeOf(await vendIn(world, { settings: { ...SETTINGS, policy: { rules: [] } } }))).toBe('forbidden');
    expect(world.calls).toEqual([]);
  });

  it('authorizes a replay for the target that was resolved then, not for the defaults of today', async () => {
    const world = new World();
    await vendIn(world);
    const targetDefaults = { ...SETTINGS.targetDefaults, organizationName: 'newOrganization' };
    const moved = { ...SETTINGS, targetDefaults, policy: { rules: [{ ...RULE, organizations: ['newOrganization'] }] } };
    expect(typeOf(await vendIn(world, { settings: moved }))).toBe('forbidden');
  });

  it.each([
    ['another default', { ...SETTINGS.targetDefaults, organizationName: 'newOrganization' }],
    ['no default', {}],
  ])('is repeated although its target has %s today, which its caller may not use', async (_, targetDefaults) => {
    const world = new World();
    const policy = { rules: [{ ...RULE, organizations: [SETTINGS.targetDefaults.organizationName ?? ''] }] };
    await vendIn(world, { settings: { ...SETTINGS, policy } });
    const today = { ...SETTINGS, policy, targetDefaults };
    expect(await vendIn(world, { settings: today })).toMatchObject({ replayed: true });
    const another = await vendIn(world, { key: { kind: 'key', key: 'another' }, settings: today });
    expect(another).toMatchObject({ kind: 'problem' });
    expect(world.confluent.posts).toHaveLength(1);
  });

  it('that would expire after 2038-01-19 is refused before anything happens', async () => {
    const world = new World();
    expect(await vendIn(world, { request: { validFor: 'P3650D' } })).toMatchObject({ kind: 'vended' });
    world.pass(3 * 365 * DAY);
    const late = await vendIn(world, { key: { kind: 'key', key: 'late' }, request: { validFor: 'P3650D' } });
    expect(late).toMatchObject({ problem: { type: 'invalid-request', errors: [{ pointer: '/validFor' }] } });
    expect(world.confluent.posts).toHaveLength(1);
  });
});

describe('mode paused', () => {
  const paused = { ...SETTINGS, mode: 'paused' } as const;

  it('mints nothing, and answers what was vended', async () => {
    const world = new World();
    expect(typeOf(await vendIn(world, { settings: paused }))).toBe('paused');
    await vendIn(world);
    expect(await vendIn(world, { settings: paused })).toMatchObject({ kind: 'vended', replayed: true });
    expect(world.confluent.posts).toHaveLength(1);
  });
});

describe('a vault that takes no writes', () => {
  it('stops the vend before the claim', async () => {
    const world = new World();
    world.pass(61_000);
    world.vault.isWritable = false;
    expect(typeOf(await vendIn(world))).toBe('vault-unavailable');
    expect([world.confluent.posts, [...world.ledger.rows.keys()]]).toEqual([[], []]);
  });

  it('does not stop a replay', async () => {
    const world = new World();
    await vendIn(world);
    world.pass(61_000);
    world.vault.isWritable = false;
    expect(await vendIn(world)).toMatchObject({ kind: 'vended', replayed: true });
  });
});

describe('a final failure', () => {
  const refused = (world: World): void => {
    world.confluent.mintAs = () => {
      world.confluent.keys.pop();
      return { kind: 'refused', reason: 'upstream-forbidden', upstream: { service: 'arm', status: 403 } };
    };
  };

  it.each<[string, IdempotencyKey]>([
    ['a message', { kind: 'msg', messageId: 'm-1' }],
    ['an event', { kind: 'ce', source: '/portal', id: 'e-1' }],
  ])('of %s is answered alike when it is delivered again', async (_, key) => {
    const world = new World();
    const { mintAs } = world.confluent;
    refused(world);
    const first = await vendIn(world, { key });
    world.confluent.mintAs = mintAs;
    const again = await vendIn(world, { key });
    expect([typeOf(first), typeOf(again)]).toEqual(['upstream-forbidden', 'upstream-forbidden']);
    expect(world.confluent.keys).toEqual([]);
  });

  it('of a key that the caller chose may be tried again', async () => {
    const world = new World();
    const { mintAs } = world.confluent;
    refused(world);
    await vendIn(world);
    world.confluent.mintAs = mintAs;
    expect(typeOf(await vendIn(world))).toBe('vended');
  });
});

it('a secret expires as late as policy allows, where its request does not say when', async () => {
  const world = new World();
  await vendIn(world, { settings: withRule({ maxValidFor: 'P30D' }) });
  expect(rowIn(world)).toMatchObject({ validForMs: 30 * DAY, current: { expiresOn: world.now + 30 * DAY } });
  expect(world.vault.versions[0]?.tags.ValidityPeriodDays).toBe('30');
});
