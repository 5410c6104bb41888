import { beforeEach, describe, expect, it } from 'vitest';
import { recoveryRecordSchema } from '../../../src/vending/model/audit.ts';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { rowKey } from '../../../src/vending/model/rows.ts';
import { DAY, ID, orCrash, revokeIn, rotateIn, tick, typeOf, vendIn } from '../world/steps.ts';
import { VAULT, World } from '../world/world.ts';
import {
  CHOSEN,
  CHOSEN_ID,
  currentKey,
  DESCRIBED,
  entryOf,
  loseAll,
  outcomes,
  placesIn,
  recoverIn,
  twoCredentials,
} from './recover-scenes.ts';

let world: World;
beforeEach(async () => {
  world = await twoCredentials();
});

/** What no tag and no key record can say. */
function lasting(row: Credential | undefined) {
  if (row === undefined) return undefined;
  const { sequence: _, writeId: __, sweepAt: ___, previous, ...rest } = row;
  return { ...rest, previous: previous && { ...previous, revokeAt: 0 } };
}

describe('a ledger that lost everything', () => {
  it('is as it was after the recovery', async () => {
    const before = [ID, CHOSEN_ID].map((id) => lasting(world.ledger.get(id)));
    loseAll(world);
    const page = await recoverIn(world);
    expect(outcomes(page)).toEqual(['inserted', 'inserted']);
    expect([ID, CHOSEN_ID].map((id) => lasting(world.ledger.get(id)))).toEqual(before);
    expect(placesIn(entryOf(page))).toEqual(['current', 'previous']);
  });

  it('knows the attempts of the keys that it brings back: they end like others where Confluent answers 403 for deleted keys', async () => {
    loseAll(world);
    await recoverIn(world);
    world.confluent.goneAs = 'forbidden';
    const { current, previous } = world.ledger.get(ID) ?? {};
    expect(world.ledger.all('attempt').filter(({ id }) => id === ID)).toMatchObject([
      { attempt: 1, outcome: 'vended', purpose: 'vend', apiKeyId: previous?.keyId },
      { attempt: 2, outcome: 'vended', purpose: 'rotate', apiKeyId: current?.key.id },
    ]);
    world.pass(2 * DAY);
    await tick(world);
    await rotateIn(world, { key: 'next' });
    world.pass(2 * DAY);
    await tick(world);
    expect(typeOf(await revokeIn(world))).toBe('revoked');
  });

  it('answers the same idempotency keys with the same credentials, and mints nothing', async () => {
    loseAll(world);
    await recoverIn(world);
    const { length } = world.confluent.posts;
    for (const options of [DESCRIBED, CHOSEN]) {
      const again = await vendIn(world, options);
      expect(again).toMatchObject({ kind: 'vended', replayed: true });
    }
    expect(typeOf(await vendIn(world))).toBe('idempotency-key-reused');
    expect(world.confluent.posts).toHaveLength(length);
  });

  it('rotates, ends overlaps and revokes what it recovered', async () => {
    loseAll(world);
    await recoverIn(world);
    world.pass(2 * DAY);
    await tick(world);
    expect(world.ledger.get(ID)?.previous).toBeUndefined();
    expect((await rotateIn(world, { key: 'r2' })).kind).toBe('vended');
    expect((await revokeIn(world)).kind).toBe('revoked');
    expect(world.confluent.live()).toEqual([currentKey(world, CHOSEN_ID)]);
    expect(world.brokenRules).toEqual([]);
  });

  it('gives previous a whole overlap from now on', async () => {
    loseAll(world);
    await recoverIn(world);
    const { previous, grant } = world.ledger.get(ID) ?? {};
    expect(previous?.revokeAt).toBe(world.now + (grant?.overlapMs ?? 0));
  });

  it('writes an audit record for each row under the operator’s name, and a record of the run', async () => {
    loseAll(world);
    world.audit = [];
    await recoverIn(world);
    const changes = world.audit.map((record) => ('change' in record ? `${record.actor} ${record.change}` : 'run'));
    expect(changes).toEqual([...Array.from({ length: 2 }, () => 'operator:entra:t:o insertRecovered'), 'run']);
    const run = { actor: 'operator:entra:t:o', vaultUrl: VAULT, looked: 2, inserted: 2, known: 0, deleted: 0 };
    expect(recoveryRecordSchema.parse(world.audit.at(-1))).toMatchObject(run);
  });

  it('goes on with higher sequences, by which consumers order events', async () => {
    const before = world.ledger.get(ID)?.sequence ?? 0;
    loseAll(world);
    await recoverIn(world);
    expect(world.ledger.get(ID)?.sequence).toBeGreaterThan(before);
  });

  it('says the same in a dry run, which writes nothing', async () => {
    loseAll(world);
    const tried = await recoverIn(world, { validateOnly: true });
    expect(world.ledger.rows.size).toBe(0);
    const { validateOnly: _, ...rest } = await recoverIn(world);
    expect(rest).toEqual({ ...tried, validateOnly: undefined });
  });
});

it('versions of one second are ordered by their attempts: the vault counts in seconds, and promises no order', async () => {
  const quick = new World();
  await vendIn(quick);
  await rotateIn(quick);
  await quick.settled();
  const before = currentKey(quick);
  quick.vault.versions.reverse();
  loseAll(quick);
  expect(placesIn(entryOf(await recoverIn(quick)))).toEqual(['current', 'previous']);
  expect(currentKey(quick)).toBe(before);
});

describe('rows that are lost in part', () => {
  it('come back where the name row of the credential is still there', async () => {
    world.ledger.lose(rowKey('credential', ID));
    expect(entryOf(await recoverIn(world)).outcome).toBe('inserted');
  });

  it('do not come back where another credential has the name by now', async () => {
    world.ledger.lose(rowKey('credential', CHOSEN_ID));
    const [key = ''] = world.ledger.keys('name').filter((each) => each.includes('orders-chosen'));
    const row = world.ledger.rows.get(key);
    world.ledger.rows.set(key, { etag: '', text: (row?.text ?? '').replace(CHOSEN_ID, 'a'.repeat(26)) });
    expect(entryOf(await recoverIn(world), CHOSEN_ID)).toMatchObject({ outcome: 'not-inserted', reason: 'name-taken' });
    expect(world.ledger.get(CHOSEN_ID)).toBeUndefined();
  });

  it('come back in the next call where this one died', async () => {
    loseAll(world);
    world.fault = (call) =>
      call === 'commit' && world.ledger.all('credential').length === 1 ? 'crash-before' : undefined;
    await orCrash(() => recoverIn(world));
    world.fault = () => undefined;
    expect(new Set(outcomes(await recoverIn(world)))).toEqual(new Set(['inserted', 'known']));
  });
});

it('a vault of more than a hundred secrets takes more than one call', async () => {
  for (let n = 0; n < 120; n++) world.vault.add(world, { vaultUrl: VAULT, name: `by-hand-${n}` });
  loseAll(world);
  const first = await recoverIn(world);
  const second = await recoverIn(world, { cursor: first.next ?? '' });
  expect([first.looked, second.looked, second.next]).toEqual([100, 22, undefined]);
  expect(first.secrets.length + second.secrets.length).toBe(2);
});
