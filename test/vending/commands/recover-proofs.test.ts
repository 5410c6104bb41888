import { beforeEach, describe, expect, it } from 'vitest';
import { credentialIdOf } from '../../../src/vending/model/idempotency.ts';
import { DEAD, dead } from '../review/scenes.ts';
import { CALLER, currentKeyIn, DAY, HOUR, ID, rotateIn, rowIn, tick, vendIn } from '../world/steps.ts';
import { VAULT, World } from '../world/world.ts';
import { entryOf, loseAll, outcomes, placesIn, recoverIn, setAlive, twoCredentials } from './recover-scenes.ts';
import { failAll, lastKeyIn, resolveIn, resultOf, storedBlindlyWorld } from './resolve-scenes.ts';

let world: World;
beforeEach(async () => {
  world = await twoCredentials();
});

/** Another version of the first credential. */
function addVersion(tags: Readonly<Record<string, string>>): void {
  const { secretName = '' } = world.ledger.get(ID) ?? {};
  const own = world.vault.versions.find((each) => each.tags['vend-id'] === ID)?.tags ?? {};
  world.vault.add(world, { vaultUrl: VAULT, name: secretName, tags: { ...own, ...tags } });
}

const REMEMBERED = { 'vend-attempt': '9', 'vend-nonce': 'aaaaaa' };

describe('a row that is there', () => {
  it('costs one read for each credential, and no look at its keys', async () => {
    world.calls = [];
    expect(outcomes(await recoverIn(world))).toEqual(['known', 'known']);
    expect(world.calls.filter((call) => call !== 'listVersions')).toEqual(['listNames', 'read', 'read']);
  });

  it('says where keys are whose tags do not say it', async () => {
    addVersion({
      ...REMEMBERED,
      'vend-request': 'short',
      'vend-key': world.confluent.add(world, `vend:${ID}.9.aaaaaa`),
    });
    expect(placesIn(entryOf(await recoverIn(world)))).toEqual(['left', 'current', 'previous']);
  });

  it('that has a key under way says so', async () => {
    world = await dead(DEAD.stored);
    expect(placesIn(entryOf(await recoverIn(world)))).toEqual(['under-way']);
  });

  it('has a key deleted again that lives although the ledger has it as deleted', async () => {
    const [old = ''] = world.confluent.live();
    world.pass(2 * DAY);
    await tick(world);
    expect(world.confluent.live()).not.toContain(old);
    setAlive(world, old, true);
    addVersion({ ...REMEMBERED, 'vend-key': '../../organizations' });
    expect(placesIn(entryOf(await recoverIn(world)))).toEqual(['unseen', 'current', 'deleted']);
    expect(world.confluent.live()).not.toContain(old);
  });
});

describe('a key that a row forgot', () => {
  let forgotten: string;
  beforeEach(async () => {
    [forgotten = ''] = world.confluent.live();
    loseAll(world);
    setAlive(world, forgotten, false);
    await recoverIn(world);
    setAlive(world, forgotten, true);
    world.pass(2 * DAY);
  });

  const current = () => world.vault.versions.find((each) => each.version === rowIn(world).current?.secret.version);

  it('is left where the vault does not show which version is newer: current has no tags any more', async () => {
    const version = current();
    if (version !== undefined) version.tags = {};
    expect(placesIn(entryOf(await recoverIn(world)))).toEqual(['left']);
    expect(world.confluent.live()).toContain(forgotten);
  });

  it('is left where somebody copied its tags onto the version of current', async () => {
    const older = world.vault.versions.find((each) => each.tags['vend-key'] === forgotten);
    const version = current();
    if (version !== undefined) version.tags = { ...older?.tags };
    expect(placesIn(entryOf(await recoverIn(world)))).toEqual(['left', 'left']);
    expect(world.confluent.live()).toContain(forgotten);
  });
});

it.each([
  ['another credential', `vend:${'z'.repeat(26)}.9.aaaaaa`],
  ['another attempt', `vend:${ID}.8.aaaaaa`],
])('tags that name a key of %s are forged', async (_, description) => {
  addVersion({ ...REMEMBERED, 'vend-key': world.confluent.add(world, description) });
  expect(placesIn(entryOf(await recoverIn(world)))).toEqual(['forged', 'current', 'previous']);
  loseAll(world);
  expect(placesIn(entryOf(await recoverIn(world)))).toEqual(['forged', 'current', 'previous']);
});

describe('a failed attempt whose key an operator called gone', () => {
  it('is not taken for one without a key while Confluent does not show it', async () => {
    world = new World();
    world = await dead(DEAD.stored);
    failAll(world, 'refused', 'getKey', 'deleteKey');
    world.pass(HOUR);
    const apiKeyId = lastKeyIn(world);
    expect(resultOf(await resolveIn(world, { decision: 'key', apiKeyId, gone: true }))).toBe('resolved');
    expect(resultOf(await resolveIn(world, { decision: 'gone', apiKeyId }))).toBe('resolved');
    expect(outcomes(await recoverIn(world))).toEqual(['not-inserted unclear']);
  });
});

describe('what an operator reads', () => {
  it('names the caller of what Confluent does not show', async () => {
    loseAll(world);
    failAll(world, 'lost', 'getKey');
    for (const { caller } of (await recoverIn(world)).secrets) expect(caller).toBe(CALLER.id);
  });

  it('names the caller of an attempt that failed in an older copy', async () => {
    const key = { kind: 'key', key: 'failed' } as const;
    failAll(world, 'refused', 'mint');
    await vendIn(world, { key });
    const copy = new Map(world.ledger.rows);
    world.fault = () => undefined;
    world.pass(HOUR);
    await vendIn(world, { key });
    world.ledger.rows = copy;
    const entry = entryOf(await recoverIn(world), credentialIdOf(CALLER.id, key));
    expect(entry).toMatchObject({ outcome: 'not-inserted', reason: 'row-without-key', caller: CALLER.id });
  });

  it('does not ask for a rotation of what is being revoked, or what has its newest version', async () => {
    const page = await recoverIn(world);
    for (const secret of page.secrets) expect(secret).not.toHaveProperty('newestIsAnother');
  });

  it('says that the ledger does not answer about a credential, and nothing is inserted', async () => {
    failAll(world, 'lost', 'read');
    expect(outcomes(await recoverIn(world))).toEqual(['not-inserted unclear', 'not-inserted unclear']);
    loseAll(world);
    expect(outcomes(await recoverIn(world))).toEqual(['not-inserted unclear', 'not-inserted unclear']);
    expect(world.ledger.rows.size).toBe(0);
  });
});

it('an attempt that is under way in an older copy is left to its reviews', async () => {
  world = await storedBlindlyWorld();
  const before = rowIn(world);
  expect(entryOf(await recoverIn(world))).toMatchObject({ outcome: 'known' });
  expect(rowIn(world)).toEqual(before);
  expect(world.confluent.live()).toContain(currentKeyIn(world));
});

it('a version that came after the claim gives back the minutes that were asked for', async () => {
  const key = { kind: 'key', key: 'short' } as const;
  await vendIn(world, { key, request: { validFor: 'PT61M' } });
  loseAll(world);
  world.vault.versions = world.vault.versions.map((each) => ({ ...each, createdAt: each.createdAt + 40_000 }));
  await recoverIn(world);
  expect(world.ledger.get(credentialIdOf(CALLER.id, key))?.validForMs).toBe(61 * 60_000);
});

it('the answer names each key that the run deletes', async () => {
  const [first = ''] = world.confluent.live();
  await tick(world);
  world.pass(2 * DAY);
  await tick(world);
  await rotateIn(world, { key: 'r2' });
  const second = rowIn(world).previous?.keyId ?? '';
  world.pass(2 * DAY);
  await tick(world);
  const third = currentKeyIn(world);
  loseAll(world);
  await recoverIn(world);
  for (const key of [first, second]) setAlive(world, key, true);
  world.confluent.deleted = [];
  world.pass(2 * DAY);
  const page = await recoverIn(world);
  expect(placesIn(entryOf(page))).toEqual(['current', 'deleted', 'deleted']);
  expect(world.confluent.deleted).toEqual([second, first]);
  expect(currentKeyIn(world)).toBe(third);
  expect(world.audit.at(-1)).toMatchObject({ inserted: 0, known: 2, notInserted: 0, deleted: 2 });
});
