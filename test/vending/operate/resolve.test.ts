import { beforeEach, describe, expect, it } from 'vitest';
import type { IntentState } from '../../../src/vending/intent.ts';
import { DEFAULT_TIMINGS } from '../../../src/vending/model/timings.ts';
import { type ResolveOutcome, resolveUnknown } from '../../../src/vending/operate/resolve.ts';
import { reconcile } from '../../../src/vending/reconcile/reconcile.ts';
import { expectInvariants } from '../saga/invariants.ts';
import { heldAt, tick } from '../saga/steps.ts';
import { ask, BOUNDS, orCrash } from '../saga/vending.ts';
import { type Fault, World } from '../saga/world.ts';

const AFTER_LEASE = DEFAULT_TIMINGS.leaseMs + DEFAULT_TIMINGS.settleMs + 1;

let world: World;
const resolve = (apiKeyId: string | null): Promise<ResolveOutcome> =>
  resolveUnknown(world.ports('operator:entra:t:o'), { intentId: idOf(), apiKeyId });
const idOf = (): string => [...world.rows.keys()][0] ?? '';
const stateOf = (): IntentState | undefined => world.rows.get(idOf())?.intent.state;
const orphan = (): string => world.keys[0]?.record.id ?? '';

async function unknownAfter(fault: Fault): Promise<void> {
  world = new World();
  world.fault = (call) => (call === 'mint' ? fault : undefined);
  await ask(world);
  world.fault = () => undefined;
  world.now += AFTER_LEASE;
}

describe('naming the orphan', () => {
  beforeEach(() => unknownAfter('unanswered'));

  it('deletes it and closes; the same idempotency key then vends', async () => {
    expect(await resolve(orphan())).toMatchObject({ kind: 'resolved', intent: { state: { kind: 'failed' } } });
    expect(world.keys[0]?.live).toBe(false);
    expect(await ask(world)).toMatchObject({ kind: 'vended' });
    expectInvariants(world, []);
  });

  it('waits for lease and settling time, to the millisecond', async () => {
    world.now -= 2;
    expect(await resolve(orphan())).toMatchObject({ problem: { type: 'not-resolvable', retryAfterMs: 1 } });
    world.now += 1;
    expect((await resolve(orphan())).kind).toBe('resolved');
  });

  it.each([
    ['of another intent', 'orders vend:aaaaaaaaaaaaaaaaaaaaaaaaaa.1'],
    ['of another attempt', 'orders vend:ID.2'],
    ['that only begins with the marker', 'orders vend:ID.1 and more'],
    ['with a longer attempt', 'orders vend:ID.11'],
  ])('is refused for a key %s', async (_, description) => {
    const [key] = world.keys;
    if (key !== undefined) {
      const renamed = { ...key.record, spec: { ...key.record.spec, description: description.replace('ID', idOf()) } };
      world.keys = [{ ...key, record: renamed }];
    }
    expect(await resolve(orphan())).toMatchObject({ problem: { detail: expect.stringContaining('marker') } });
    expect(world.calls).not.toContain('deleteKey');
    expect(stateOf()?.kind).toBe('unknown');
  });

  it('is refused for what is not unknown', async () => {
    await resolve(orphan());
    await ask(world);
    expect(await resolve(orphan())).toMatchObject({ problem: { type: 'not-resolvable' } });
    expect(stateOf()?.kind).toBe('vended');
  });

  it.each<Fault>(['crash-before', 'crash-after', 'lost', 'unanswered'])(
    'that is cut off (%s) at any step is finished by the reconciler or can be repeated',
    async (fault) => {
      for (let step = 0; step < 8; step++) {
        await unknownAfter('unanswered');
        let seen = 0;
        world.fault = () => (seen++ === step ? fault : undefined);
        await orCrash(() => resolve(orphan()));
        world.fault = () => undefined;
        for (let n = 0; n < 4; n++) {
          world.now += 120_000;
          await reconcile(world.ports('reconciler'), BOUNDS);
        }
        if (stateOf()?.kind === 'unknown') expect((await resolve(orphan())).kind).toBe('resolved');
        expect(stateOf()?.kind).toBe('failed');
        expect(world.keys[0]?.live).toBe(false);
        expectInvariants(world, []);
      }
    },
  );
});

describe('a trial', () => {
  const trial = (apiKeyId: string | null): Promise<ResolveOutcome> =>
    resolveUnknown(world.ports('operator:entra:t:o'), { intentId: idOf(), apiKeyId, validateOnly: true });

  it.each([
    ['unanswered', 'revoke'],
    ['lost', 'close'],
  ] as const)('says what would be done after a POST that was %s (%s), and does nothing', async (fault, effect) => {
    await unknownAfter(fault);
    const { length } = world.changes;
    expect(await trial(effect === 'close' ? null : orphan())).toMatchObject({
      kind: 'previewed',
      preview: { operation: 'resolve', effect, requestId: idOf() },
    });
    expect(world.changes).toHaveLength(length);
    expect(stateOf()?.kind).toBe('unknown');
    expect(world.calls).not.toContain('deleteKey');
  });

  it('is refused for the same reasons', async () => {
    await unknownAfter('unanswered');
    expect(await trial('NOSUCHKEY')).toMatchObject({ kind: 'refused' });
  });
});

describe('saying that there is none', () => {
  it('closes; the same idempotency key then vends', async () => {
    await unknownAfter('lost');
    expect((await resolve(null)).kind).toBe('resolved');
    expect(await ask(world)).toMatchObject({ kind: 'vended' });
  });

  const storeVersion = (key: string | undefined): void => {
    const tags = { 'vend-intent': idOf(), 'vend-attempt': '1', ...(key === undefined ? {} : { 'vend-key': key }) };
    const name = world.rows.get(idOf())?.intent.secretName ?? '';
    world.versions.push({ name, version: 'v', value: 'x', tags, enabled: true });
  };

  it('is refused where the vault holds a version whose key lives', async () => {
    await unknownAfter('unanswered');
    storeVersion(orphan());
    expect(await resolve(null)).toMatchObject({ problem: { detail: expect.stringContaining(`${orphan()} `) } });
    expect(world.versions[0]?.enabled).toBe(true);
  });

  it.each(['found', null])(
    'goes through where the reconciler puts the row aside meanwhile (orphan: %s)',
    async (which) => {
      await unknownAfter(which === null ? 'lost' : 'unanswered');
      const resume = await heldAt(world, 'replace', 1, () => resolve(which === null ? null : orphan()));
      await tick(world);
      expect(await resume()).toMatchObject({ kind: 'resolved', intent: { state: { kind: 'failed' } } });
      expect(world.keys.some(({ live }) => live)).toBe(false);
    },
  );

  it('is refused where a version does not say which key it is for', async () => {
    await unknownAfter('unanswered');
    storeVersion(undefined);
    expect(await resolve(null)).toMatchObject({ problem: { detail: expect.stringContaining('does not say') } });
  });

  it('closes where somebody deleted the key of a stored version, and takes that version out of force', async () => {
    await unknownAfter('unanswered');
    storeVersion(orphan());
    for (const key of world.keys) key.live = false;
    expect(await resolve(null)).toMatchObject({ kind: 'resolved', intent: { state: { kind: 'failed' } } });
    expect(world.versions.map(({ enabled }) => enabled)).toEqual([false]);
    expect(await ask(world)).toMatchObject({ kind: 'vended' });
  });

  it('sweeps a version that lands after it was closed', async () => {
    await unknownAfter('lost');
    await resolve(null);
    storeVersion('GONE');
    world.now += DEFAULT_TIMINGS.settleMs + 1;
    await reconcile(world.ports('reconciler'), BOUNDS);
    expect(world.versions.map(({ enabled }) => enabled)).toEqual([false]);
  });

  it('is refused while the vault cannot be asked: a failed look-up is never "none"', async () => {
    await unknownAfter('lost');
    world.fault = (call) => (call === 'findVersions' ? 'lost' : undefined);
    expect(await resolve(null)).toMatchObject({ problem: { type: 'vault-unavailable' } });
    expect(stateOf()?.kind).toBe('unknown');
  });

  it('is refused where the ledger names a key that lives', async () => {
    world = new World();
    world.fault = (call) => (call === 'store' || call === 'deleteKey' ? 'refused' : undefined);
    await ask(world);
    world.fault = () => undefined;
    world.now += AFTER_LEASE;
    expect(stateOf()).toMatchObject({ kind: 'unknown', keyId: orphan() });
    expect(await resolve(null)).toMatchObject({ problem: { detail: expect.stringContaining('is alive') } });
    for (const key of world.keys) key.live = false;
    expect((await resolve(null)).kind).toBe('resolved');
  });
});

it('does not wait for the hour to which a delete was put off: no lease is that long', async () => {
  world = new World();
  world.mintAs = (key) => ({ kind: 'no-secret', key, upstream: { service: 'arm', status: 200 } });
  world.fault = (call) => (call === 'deleteKey' || call === 'getKey' ? 'lost' : undefined);
  await ask(world);
  const isPutOff = (): boolean => (world.rows.get(idOf())?.intent.dueAt ?? 0) - world.now > 50 * 60_000;
  for (; !isPutOff(); world.now += 60_000) await tick(world);
  world.fault = (call) => (call === 'deleteKey' ? 'refused' : undefined);
  await ask(world);
  expect(stateOf()?.kind).toBe('unknown');
  world.fault = () => undefined;
  const [key] = world.keys;
  if (key !== undefined) Object.assign(key.record.spec, { description: key.description });
  expect((await resolve(orphan())).kind).toBe('resolved');
});
