import { beforeEach, describe, expect, it } from 'vitest';
import { recover } from '../../../src/vending/commands/recovery/recover.ts';
import { DAY, ID, revokeIn, SETTINGS, withRule } from '../world/steps.ts';
import { VAULT, type World } from '../world/world.ts';
import {
  CHOSEN_ID,
  currentKey,
  entryOf,
  loseAll,
  outcomes,
  placesIn,
  recoverIn,
  setAlive,
  twoCredentials,
} from './recover-scenes.ts';

let world: World;
beforeEach(async () => {
  world = await twoCredentials();
});

const tagsOf = (id: string) => world.vault.versions.findLast(({ tags }) => tags['vend-id'] === id)?.tags ?? {};

describe('forged tags', () => {
  it('that name the key of another team make nothing of it', async () => {
    const foreign = world.confluent.add(world, 'the payment team’s');
    const { secretName = '' } = world.ledger.get(ID) ?? {};
    world.vault.add(world, { vaultUrl: VAULT, name: secretName, tags: { ...tagsOf(ID), 'vend-key': foreign } });
    world.vault.add(world, {
      vaultUrl: VAULT,
      name: 'lure',
      tags: { ...tagsOf(ID), 'vend-id': 'b'.repeat(26), 'vend-key': foreign },
    });
    const current = currentKey(world);
    loseAll(world);
    const page = await recoverIn(world);
    expect(entryOf(page)).toMatchObject({ outcome: 'inserted', newestIsAnother: true });
    expect(placesIn(entryOf(page))).toEqual(['forged', 'current', 'previous']);
    expect(currentKey(world)).toBe(current);
    expect(entryOf(page, 'b'.repeat(26))).toMatchObject({ outcome: 'not-inserted', reason: 'forged-tags' });
    expect(world.confluent.live()).toContain(foreign);
  });

  it('copied onto a newer version leave current where its secret was stored', async () => {
    const { current, secretName = '' } = world.ledger.get(CHOSEN_ID) ?? {};
    const contentType = 'text/plain; format=secret';
    world.vault.add(world, { vaultUrl: VAULT, name: secretName, tags: tagsOf(CHOSEN_ID), contentType });
    loseAll(world);
    expect(entryOf(await recoverIn(world), CHOSEN_ID).newestIsAnother).toBe(true);
    expect(world.ledger.get(CHOSEN_ID)?.current).toEqual(current);
    expect(world.ledger.get(CHOSEN_ID)).not.toHaveProperty('previous');
  });

  it('that name another target make no previous key, and have nothing deleted there', async () => {
    const [older] = world.vault.versions;
    if (older !== undefined) older.tags = { ...older.tags, cluster: 'lkc-other' };
    loseAll(world);
    expect(placesIn(entryOf(await recoverIn(world)))).toEqual(['current', 'left']);
    expect(world.ledger.get(ID)).not.toHaveProperty('previous');
    expect(world.confluent.deleted).toEqual([]);
  });

  it('of an older key copied onto the version that readers get save that key', async () => {
    const [first = ''] = world.confluent.live();
    const { secretName = '' } = world.ledger.get(ID) ?? {};
    loseAll(world);
    setAlive(world, first, false);
    await recoverIn(world);
    setAlive(world, first, true);
    const tags = world.vault.versions.find((each) => each.tags['vend-key'] === first)?.tags ?? {};
    world.vault.add(world, { vaultUrl: VAULT, name: secretName, tags });
    expect(placesIn(entryOf(await recoverIn(world)))).toEqual(['left', 'current', 'left']);
    expect(world.confluent.live()).toContain(first);
  });

  it('that name no key ask Confluent for none', async () => {
    for (const version of world.vault.versions) version.tags = { ...version.tags, 'vend-key': '../../organizations' };
    loseAll(world);
    world.calls = [];
    await recoverIn(world);
    expect(world.calls).not.toContain('getKey');
  });

  it.each([
    ['rule-denied', { 'vend-caller': 'entra:t:somebody-else' }],
    ['tags-unreadable', { 'vend-request': 'short' }],
    ['tags-unreadable', { 'vend-caller': 'x'.repeat(256) }],
    [
      'tags-unreadable',
      { ProviderAddress: '/subscriptions/../resourceGroups/x/providers/Microsoft.Confluent/organizations/y' },
    ],
  ])('are refused: %s', async (reason, forged) => {
    for (const version of world.vault.versions) version.tags = { ...version.tags, ...forged };
    loseAll(world);
    expect(outcomes(await recoverIn(world))).toEqual([`not-inserted ${reason}`, `not-inserted ${reason}`]);
    expect(world.ledger.rows.size).toBe(0);
  });
});

describe('today’s policy', () => {
  it.each([
    ['another vault', withRule({ vaultUrl: 'https://other.vault.azure.net' }), ['place-denied', 'place-denied']],
    ['another prefix', withRule({ secretNamePrefix: 'portal-' }), ['', 'place-denied']],
    ['other owners', withRule({ allowedOwners: ['u-*'] }), ['owner-denied', 'owner-denied']],
    ['other clusters', withRule({ clusters: ['lkc-other'] }), ['rule-denied', 'rule-denied']],
    ['a rule of another name', withRule({ name: 'renamed' }), ['', '']],
  ])('decides what comes back: %s', async (_, settings, reasons) => {
    loseAll(world);
    const page = await recoverIn(world, { vaultUrl: VAULT }, settings);
    const entries = [ID, CHOSEN_ID].map((id) => entryOf(page, id));
    expect(entries.map(({ reason = '' }) => reason)).toEqual(reasons);
    // An operator asks the owner of what did not come back.
    for (const { caller } of entries) expect(caller).toBe(world.vault.versions[0]?.tags['vend-caller']);
  });

  it('gives its own terms', async () => {
    loseAll(world);
    await recoverIn(world, {}, withRule({ rotateEvery: 'P30D', revokeAtExpiry: true }));
    const { grant, current } = world.ledger.get(ID) ?? {};
    expect(grant).toMatchObject({ rotateEveryMs: 30 * DAY, revokeAtExpiry: true });
    expect(current?.rotateAt).toBe((current?.vendedAt ?? 0) + 30 * DAY);
  });

  it('names the vaults that may be read', async () => {
    const recovered = await recover(world.ctx('operator'), SETTINGS, { vaultUrl: 'https://other.vault.azure.net' });
    expect(recovered).toMatchObject({ kind: 'problem', problem: { type: 'invalid-request' } });
  });
});

describe('what cannot be decided', () => {
  it.each(['lost', 'refused'] as const)('is not inserted: Confluent, %s', async (fault) => {
    loseAll(world);
    world.fault = (call) => (call === 'getKey' ? fault : undefined);
    expect(outcomes(await recoverIn(world))).toEqual(['not-inserted unclear', 'not-inserted unclear']);
    world.fault = () => undefined;
    expect(outcomes(await recoverIn(world))).toEqual(['inserted', 'inserted']);
  });

  it('is named where the vault does not list the versions of a secret', async () => {
    loseAll(world);
    world.fault = (call) => (call === 'listVersions' ? 'lost' : undefined);
    expect((await recoverIn(world)).unclear).toHaveLength(2);
  });

  it('is a living key whose version somebody disabled: it is neither inserted nor deleted', async () => {
    for (const version of world.vault.of(VAULT, 'orders-chosen')) version.enabled = false;
    const key = currentKey(world, CHOSEN_ID);
    loseAll(world);
    const entry = entryOf(await recoverIn(world), CHOSEN_ID);
    expect(entry).toMatchObject({ outcome: 'not-inserted', reason: 'version-disabled', keys: [{ is: 'left' }] });
    expect(world.confluent.live()).toContain(key);
  });

  it('is no key at all where all of them are gone', async () => {
    await revokeIn(world);
    await world.settled();
    loseAll(world);
    expect(entryOf(await recoverIn(world))).toMatchObject({ outcome: 'not-inserted', reason: 'no-living-key' });
  });
});
