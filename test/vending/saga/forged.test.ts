import { beforeEach, describe, expect, it } from 'vitest';
import { markerOf } from '../../../src/vending/model/idempotency.ts';
import { expectReadable } from '../world/invariants.ts';
import {
  AFTER_LEASE,
  currentKeyIn,
  faultsAt,
  HOUR,
  ID,
  orCrash,
  revokeIn,
  rotateIn,
  rowIn,
  tick,
  typeOf,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
import { World } from '../world/world.ts';

/** Another team's key, and what nobody may do to it. */
let world: World;
let foreign: string;
beforeEach(() => {
  world = new World();
  foreign = world.confluent.add(world, 'key of another team');
});

async function ticks(count: number, pause = 300_000): Promise<void> {
  for (let ticked = 0; ticked < count; ticked++) {
    world.pass(pause);
    await tick(world);
  }
}

/** A version with the tags of the attempt under way that names another key. */
function forge(keyId: string): void {
  const { work, vaultUrl, secretName } = rowIn(world);
  const tags = { 'vend-id': ID, 'vend-attempt': `${work?.attempt}`, 'vend-nonce': `${work?.nonce}`, 'vend-key': keyId };
  world.vault.add(world, { vaultUrl, name: secretName, tags });
}

function expectForeignKeyLeftAlone(): void {
  expect(world.confluent.live()).toContain(foreign);
  expect(world.ledger.all('credential').flatMap(({ current }) => current?.key.id ?? [])).not.toContain(foreign);
  expect(world.brokenRules).toEqual([]);
}

describe('a version whose forged tags name another team’s key', () => {
  it('is not adopted for an attempt whose worker died before its POST', async () => {
    world.fault = faultsAt({ mint: { 1: 'crash-before' } });
    await orCrash(() => vendIn(world));
    withoutFaults(world);
    forge(foreign);
    await ticks(3);
    expect(rowIn(world).work?.phase).toBe('unknown');
    expectForeignKeyLeftAlone();
  });

  it('is not adopted beside a recorded key, and that one is left to a person', async () => {
    world.fault = faultsAt({ store: { 1: 'crash-before' } });
    await orCrash(() => vendIn(world));
    withoutFaults(world);
    forge(foreign);
    await ticks(3);
    expect(rowIn(world).work?.phase, 'the version may hold the secret of the recorded key').toBe('minted');
    await ticks(6);
    expect(world.ledger.all('open')).toMatchObject([{ id: ID, reason: 'undecided' }]);
    expectForeignKeyLeftAlone();
  });

  it('does not lead a revocation to that key', async () => {
    await vendIn(world);
    const own = currentKeyIn(world);
    const { tags = {}, vaultUrl = '', name = '' } = world.vault.versions[0] ?? {};
    world.vault.add(world, { vaultUrl, name, tags: { ...tags, 'vend-key': foreign } });
    await revokeIn(world);
    await ticks(3);
    expect(rowIn(world).closed).toBeDefined();
    expect(world.confluent.live()).toEqual([foreign]);
    expect(world.confluent.deleted).toEqual([own]);
    expectForeignKeyLeftAlone();
  });

  it('does not get the version of the current key disabled when it bears the tags of an attempt that fails', async () => {
    await vendIn(world);
    world.vault.refuseStores = 'transient';
    world.turn = async (call) => {
      const { work } = rowIn(world);
      const tags = { 'vend-attempt': `${work?.attempt}`, 'vend-nonce': `${work?.nonce}` };
      if (call === 'deleteKey') for (const version of world.vault.versions) version.tags = { ...version.tags, ...tags };
    };
    await rotateIn(world);
    expect(rowIn(world).work, 'the attempt is closed').toBeUndefined();
    expectReadable(world);
  });

  it('does not get the version of the current key swept', async () => {
    await vendIn(world);
    world.vault.refuseStores = 'transient';
    await rotateIn(world);
    expect(rowIn(world).sweepAt).toBeDefined();
    for (const version of world.vault.versions)
      version.tags = { ...version.tags, 'vend-attempt': '9', 'vend-key': 'KEY-GONE' };
    await ticks(2);
    expect(rowIn(world).sweepAt, 'it was swept').toBeUndefined();
    expect(world.vault.versions.map(({ enabled }) => enabled)).toEqual([true]);
  });
});

describe('a row that names a key without our marker', () => {
  it.each(['key of another team', `copied ${markerOf('a'.repeat(26), { attempt: 1, nonce: 'aaaaaa' })}`])(
    '(%s) deletes nothing, and says so',
    async (description) => {
      await vendIn(world);
      const planted = world.confluent.add(world, description);
      const row = rowIn(world);
      const current = row.current && { ...row.current, key: { ...row.current.key, id: planted } };
      const text = JSON.stringify({ ...row, current });
      world.ledger.rows.set(`credential_${ID}`, { text, etag: 'forged' });
      expect(typeOf(await revokeIn(world))).toBe('revoking');
      await ticks(2);
      expect(world.confluent.live()).toContain(planted);
      expect(world.logs).toContainEqual(expect.objectContaining({ event: 'foreign-key', apiKeyId: planted }));
      expect(world.brokenRules).toEqual([]);
    },
  );
});

describe('a version that was set by hand', () => {
  it('decides nothing: the credential keeps its key, rotates and ends its overlap', async () => {
    await vendIn(world);
    const { vaultUrl, secretName } = rowIn(world);
    world.vault.add(world, { vaultUrl, name: secretName });
    expect(await vendIn(world)).toMatchObject({ replayed: true });
    expect(typeOf(await rotateIn(world))).toBe('vended');
    await ticks(1, 25 * HOUR + 1);
    expect(rowIn(world).previous).toBeUndefined();
    expectReadable(world);
  });

  it('beside an attempt whose worker died after "minted" gives no answer, so a person decides', async () => {
    world.fault = faultsAt({ store: { 1: 'crash-before' } });
    await orCrash(() => vendIn(world));
    withoutFaults(world);
    const { vaultUrl, secretName } = rowIn(world);
    world.vault.add(world, { vaultUrl, name: secretName });
    await ticks(1, AFTER_LEASE);
    expect(rowIn(world).work?.phase).toBe('minted');
    expect(world.confluent.deleted).toEqual([]);
  });
});
