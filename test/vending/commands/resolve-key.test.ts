import { describe, expect, it } from 'vitest';
import { expectInvariants, expectReadable } from '../world/invariants.ts';
import { currentKeyIn, faultsAt, revokeIn, rotateIn, rowIn, withoutFaults } from '../world/steps.ts';
import type { World } from '../world/world.ts';
import {
  detailOf,
  effectOf,
  failAll,
  lastKeyIn,
  loseVault,
  resolveIn,
  resultOf,
  storedBlindlyWorld,
  ticksIn,
  unansweredWorld,
  vendedWorld,
} from './resolve-scenes.ts';

const phaseIn = (world: World): string | undefined => rowIn(world).work?.phase;
const sayKey = (world: World, of: { gone?: true; vaultIsGone?: true; validateOnly?: true } = {}) =>
  resolveIn(world, { decision: 'key', apiKeyId: lastKeyIn(world), ...of });

describe('a key that an operator names', () => {
  it('is adopted where its secret is stored: readers have it already', async () => {
    const world = await storedBlindlyWorld();
    expect(effectOf(await sayKey(world, { validateOnly: true }))).toBe('adopt');
    expect(resultOf(await sayKey(world))).toBe('resolved');
    expect(currentKeyIn(world)).toBe(lastKeyIn(world));
    expect(rowIn(world).previous).toBeDefined();
    expectReadable(world);
    expectInvariants(world);
  });

  it('is deleted where nothing is stored', async () => {
    const world = await unansweredWorld();
    expect(resultOf(await sayKey(world))).toBe('resolved');
    expect(world.confluent.live()).toEqual([currentKeyIn(world)]);
    expect(phaseIn(world)).toBeUndefined();
    expect(world.audit.at(-2)).toMatchObject({ change: 'resolveWithKey', actor: 'operator:entra:t:o' });
    expectInvariants(world);
  });

  it('is refused in words while it is being deleted, in a trial too', async () => {
    const world = await unansweredWorld();
    world.confluent.isLocked = true;
    expect(resultOf(await sayKey(world))).toBe('resolved');
    expect(phaseIn(world)).toBe('compensating');
    for (const of of [{}, { validateOnly: true } as const])
      expect(resultOf(await sayKey(world, of))).toBe('not-resolvable');
  });

  it('is not touched by a trial', async () => {
    const world = await unansweredWorld();
    const before = [...world.ledger.rows];
    expect(effectOf(await sayKey(world, { validateOnly: true }))).toBe('revoke');
    expect([...world.ledger.rows]).toEqual(before);
    expect(world.confluent.deleted).toEqual([]);
  });

  it('is refused where its description has no marker of this credential', async () => {
    const world = await unansweredWorld();
    const foreign = world.confluent.add(world, 'of another team');
    expect(resultOf(await resolveIn(world, { decision: 'key', apiKeyId: foreign }))).toBe('not-resolvable');
    expect(world.confluent.deleted).toEqual([]);
  });

  it('is refused while its attempt may be under way', async () => {
    const world = await vendedWorld();
    world.fault = faultsAt({ mint: { 1: 'unanswered' } });
    await rotateIn(world);
    withoutFaults(world);
    expect(resultOf(await sayKey(world))).toBe('not-resolvable');
    expect(phaseIn(world)).toBe('unknown');
  });

  it('is refused while Confluent is silent', async () => {
    const world = await unansweredWorld();
    failAll(world, 'lost', 'getKey');
    expect(resultOf(await sayKey(world))).toBe('upstream-unreachable');
  });
});

describe('a key that Confluent answers 403 about', () => {
  it('is refused: the service may have lost its access, and readers may have the key', async () => {
    const world = await storedBlindlyWorld();
    failAll(world, 'refused', 'getKey', 'deleteKey');
    const said = await sayKey(world);
    expect(resultOf(said)).toBe('not-resolvable');
    expect(detailOf(said)).toContain('gone: true');
    expect(phaseIn(world)).toBe('minting');
    withoutFaults(world);
    await ticksIn(world, 14);
    expect(currentKeyIn(world)).toBe(lastKeyIn(world));
    expectReadable(world);
  });

  it('is given up where the operator says that it is gone, and "gone" ends the attempt', async () => {
    const world = await storedBlindlyWorld();
    world.confluent.keys.forEach((key) => {
      key.live = key.record.id !== lastKeyIn(world);
    });
    failAll(world, 'refused', 'getKey', 'deleteKey');
    expect(resultOf(await sayKey(world, { gone: true }))).toBe('resolved');
    expect(phaseIn(world)).toBe('compensating');
    expect(resultOf(await resolveIn(world, { decision: 'gone', apiKeyId: lastKeyIn(world) }))).toBe('resolved');
    expect(rowIn(world).failure).toMatchObject({ forRotation: true, urgent: true });
    expect(world.vault.enabled()).toEqual([currentKeyIn(world)]);
  });
});

describe('a key that Confluent does not know', () => {
  it('is given up where row or tags know it', async () => {
    const world = await storedBlindlyWorld();
    world.confluent.keys.forEach((key) => {
      key.live = key.record.id !== lastKeyIn(world);
    });
    expect(resultOf(await sayKey(world))).toBe('resolved');
    expect(phaseIn(world)).toBeUndefined();
    expect(world.vault.enabled()).toEqual([currentKeyIn(world)]);
  });

  it('is refused where neither does', async () => {
    const world = await unansweredWorld();
    expect(resultOf(await resolveIn(world, { decision: 'key', apiKeyId: 'KEY404' }))).toBe('not-resolvable');
    expect(phaseIn(world)).toBe('unknown');
  });
});

describe('a vault of which the operator says that it is gone', () => {
  it('is asked all the same where it answers: its readers keep their key', async () => {
    const world = await storedBlindlyWorld();
    expect(resultOf(await sayKey(world, { vaultIsGone: true }))).toBe('resolved');
    expect(currentKeyIn(world)).toBe(lastKeyIn(world));
    expectReadable(world);
    expect(world.brokenRules).toEqual([]);
  });

  it('is believed gone where it does not answer, and only if the operator says so', async () => {
    const world = await unansweredWorld();
    loseVault(world);
    expect(resultOf(await sayKey(world))).toBe('vault-unavailable');
    expect(resultOf(await sayKey(world, { vaultIsGone: true }))).toBe('resolved');
    expect(phaseIn(world)).toBe('compensating');
    expect(world.confluent.live()).not.toContain(lastKeyIn(world));
  });
});

describe('an enabled version that neither row nor tags name', () => {
  async function withUnsigned(): Promise<{ readonly world: World; readonly version: string }> {
    const world = await storedBlindlyWorld();
    const stored = world.vault.versions.at(-1);
    if (stored === undefined) throw new Error('Nothing is stored.');
    stored.tags = {};
    return { world, version: stored.version };
  }

  it('has to be explained first', async () => {
    const { world, version } = await withUnsigned();
    expect(detailOf(await sayKey(world))).toContain(version);
    expect(phaseIn(world)).toBe('minting');
  });

  it('that holds the secret of the key is adopted with it', async () => {
    const { world, version } = await withUnsigned();
    const versions = { [version]: 'attempt' } as const;
    await resolveIn(world, { decision: 'key', apiKeyId: lastKeyIn(world), versions });
    expect(rowIn(world).current).toMatchObject({ key: { id: lastKeyIn(world) }, secret: { version } });
  });

  it('that holds the secret of the key is disabled with it, where the credential is being revoked', async () => {
    const { world, version } = await withUnsigned();
    await revokeIn(world);
    const versions = { [version]: 'attempt' } as const;
    await resolveIn(world, { decision: 'key', apiKeyId: lastKeyIn(world), versions });
    expect(world.confluent.live()).not.toContain(lastKeyIn(world));
    expect(world.vault.find(version)?.enabled).toBe(false);
  });

  it('that holds something else stays, and the key is deleted', async () => {
    const { world, version } = await withUnsigned();
    const versions = { [version]: 'other' } as const;
    const key = lastKeyIn(world);
    await resolveIn(world, { decision: 'key', apiKeyId: key, versions });
    expect(world.confluent.live()).not.toContain(key);
    expect(world.vault.find(version)?.enabled).toBe(true);
  });
});
