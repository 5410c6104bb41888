import { beforeEach, describe, expect, it } from 'vitest';
import { ABSENCE_PROVES_MS } from '../../../src/vending/model/timings.ts';
import { sweep } from '../../../src/vending/review/sweep.ts';
import { readCredential } from '../../../src/vending/saga/commit.ts';
import {
  AFTER_DOUBT,
  currentKeyIn,
  endOverlapIn,
  faultsAt,
  HOUR,
  ID,
  orCrash,
  rotateIn,
  rowIn,
  tick,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
import { World } from '../world/world.ts';
import { DEAD, dead, logged, newestVersion, plant, stateOf, tickIn, vended } from './scenes.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

describe('a sweep', () => {
  /** A rotation that was given up while its PUT was under way. @returns what makes its secret arrive */
  async function givenUp(): Promise<() => void> {
    await vended(world);
    world.fault = faultsAt({ store: { 1: 'late' }, listVersions: { 1: 'lost' } });
    await rotateIn(world);
    const { late } = world;
    world.late = [];
    withoutFaults(world);
    await tickIn(world, AFTER_DOUBT);
    expect(rowIn(world).failure).not.toHaveProperty('urgent');
    return () => {
      for (const { effect } of late) effect();
    };
  }

  /** A rotation whose secret arrives after its attempt was given up. */
  const storedLate = async (): Promise<void> => (await givenUp())();

  it('by a row that was read before a rotation leaves the version of that rotation alone', async () => {
    await storedLate();
    world.pass(AFTER_DOUBT);
    const before = await readCredential(world.ctx('reconciler'), ID);
    if (before.kind !== 'found') throw new Error('There is no credential.');
    await rotateIn(world, { key: 'r2' });
    // Confluent does not show the new key everywhere yet.
    world.fault = (call) => (call === 'getKey' ? 'young' : undefined);
    const swept = await sweep(world.ctx('reconciler'), before.row);
    expect(world.vault.readable()).toEqual([currentKeyIn(world)]);
    expect([swept.kind, swept.row.credential.attempts]).toEqual(['deferred', 3]);
  });

  it('disables what was stored late, and leaves the newer key alone', async () => {
    world.fault = faultsAt({ store: { 1: 'late' }, listVersions: { 1: 'lost' } });
    await vendIn(world);
    const late = world.late;
    world.late = [];
    withoutFaults(world);
    await tickIn(world, AFTER_DOUBT);
    expect(stateOf(world)).toBe('failed');
    for (const { effect } of late) effect();
    await vended(world);
    await tickIn(world, AFTER_DOUBT);
    expect(world.vault.enabled()).toEqual([currentKeyIn(world)]);
    expect(rowIn(world)).not.toHaveProperty('sweepAt');
  });

  it('that takes the newest version from the readers has the credential rotated at once', async () => {
    await storedLate();
    await tickIn(world, AFTER_DOUBT);
    expect(world.vault.readable()).toEqual([]);
    expect(rowIn(world).failure).toMatchObject({ forRotation: true, urgent: true });
    expect(world.rotationsAsked).toHaveLength(1);
    await rotateIn(world, { key: 'r2' });
    expect(world.vault.readable()).toEqual([currentKeyIn(world)]);
    expect(rowIn(world)).not.toHaveProperty('failure');
  });

  it('says that readers wait for the end of an overlap, which only a person may shorten', async () => {
    const arrive = await givenUp();
    const apiKeyId = currentKeyIn(world);
    await rotateIn(world, { key: 'r2' });
    arrive();
    await tickIn(world, AFTER_DOUBT);
    expect(world.vault.readable()).toEqual([]);
    expect(world.rotationsAsked).toEqual([]);
    expect(world.logs.filter(({ event }) => event === 'readers-wait-for-overlap')).toEqual([
      { level: 'error', event: 'readers-wait-for-overlap', credentialId: ID, apiKeyId },
    ]);
    await endOverlapIn(world, apiKeyId);
    await tickIn(world, 60_000);
    expect(world.rotationsAsked).toHaveLength(1);
  });

  it.each<[string, Parameters<typeof faultsAt>[0]]>([
    ['died', { commit: { 1: 'crash-before' } }],
    ['was not answered about another version', { getKey: { 2: 'lost' } }],
  ])('does so too where an earlier one disabled that version and %s', async (_, script) => {
    await storedLate();
    const { secretName, vaultUrl } = rowIn(world);
    const tags = { 'vend-id': ID, 'vend-attempt': '9', 'vend-nonce': 'aaaaaa', 'vend-key': 'KEY404' };
    world.vault.versions.unshift({ ...world.vault.add(world, { vaultUrl, name: secretName, tags }) });
    world.vault.versions.pop();
    world.pass(AFTER_DOUBT);
    world.fault = faultsAt(script);
    await orCrash(() => tick(world));
    world.killAll();
    withoutFaults(world);
    expect(world.vault.readable()).toEqual([]);
    expect(rowIn(world).sweepAt).toBeDefined();
    await tickIn(world, HOUR);
    expect(rowIn(world).failure?.urgent).toBe(true);
    expect(world.rotationsAsked).toHaveLength(1);
  });

  it.each<[string, () => void]>([
    ['the current version', () => undefined],
    ['a version of his own', () => world.vault.add(world, { ...newestVersion(world), tags: {} })],
  ])('asks for no rotation where somebody disabled %s', async (_, add) => {
    await storedLate();
    newestVersion(world).enabled = false;
    await rotateIn(world, { key: 'r2' });
    add();
    newestVersion(world).enabled = false;
    expect(rowIn(world).sweepAt).toBeDefined();
    await tickIn(world, AFTER_DOUBT);
    expect(rowIn(world)).not.toHaveProperty('sweepAt');
    expect(rowIn(world)).not.toHaveProperty('failure');
  });

  it('leaves a failure that is urgent already as it is', async () => {
    await vended(world);
    world.vault.refuseStores = 'denied';
    await rotateIn(world);
    const { failure } = rowIn(world);
    if (failure === undefined) throw new Error('The rotation did not fail.');
    const late = { ...failure, urgent: true, retryAt: world.now + HOUR } as const;
    const tags = { 'vend-id': ID, 'vend-attempt': '2', 'vend-nonce': 'aaaaaa', 'vend-key': 'KEY404' };
    world.vault.add(world, { ...newestVersion(world), tags }).enabled = false;
    plant(world, { ...rowIn(world), failure: late });
    await tickIn(world, AFTER_DOUBT);
    expect(rowIn(world)).not.toHaveProperty('sweepAt');
    expect(rowIn(world).failure).toEqual(late);
  });

  it('spares a version whose key lives, says so, and is not over before somebody decided about the key', async () => {
    world = await dead(DEAD.minted);
    await tickIn(world, ABSENCE_PROVES_MS);
    const { secretName } = rowIn(world);
    const forgotten = world.confluent.add(world, `vend:${ID}.9.aaaaaa`);
    const tags = { 'vend-id': ID, 'vend-attempt': '9', 'vend-nonce': 'aaaaaa', 'vend-key': forgotten };
    world.vault.add(world, { vaultUrl: rowIn(world).vaultUrl, name: secretName, tags });
    await tickIn(world, AFTER_DOUBT);
    expect(world.vault.enabled()).toEqual([forgotten]);
    expect(logged(world)).toContain('living-key-not-in-ledger');
    for (let run = 0; run < 10; run++) await tickIn(world, HOUR);
    expect(rowIn(world)).toHaveProperty('sweepAt');
    expect(world.ledger.all('open')).toMatchObject([{ id: ID, reason: 'undecided' }]);
    const [key] = world.confluent.keys.filter(({ record }) => record.id === forgotten);
    if (key !== undefined) key.live = false;
    await tickIn(world, HOUR + 1);
    expect([rowIn(world).sweepAt, world.vault.enabled(), world.ledger.all('open')]).toEqual([undefined, [], []]);
  });

  it('spares a version whose key is not ours, and is over', async () => {
    world = await dead(DEAD.minted);
    await tickIn(world, ABSENCE_PROVES_MS);
    const { secretName, vaultUrl } = rowIn(world);
    const foreign = world.confluent.add(world, 'of somebody else');
    const tags = { 'vend-id': ID, 'vend-attempt': '9', 'vend-nonce': 'aaaaaa', 'vend-key': foreign };
    world.vault.add(world, { vaultUrl, name: secretName, tags });
    await tickIn(world, AFTER_DOUBT);
    expect(world.vault.enabled()).toEqual([foreign]);
    expect(rowIn(world)).not.toHaveProperty('sweepAt');
  });
});
