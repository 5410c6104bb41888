import { beforeEach, describe, expect, it } from 'vitest';
import { TRANSITIONS as T } from '../../../src/vending/model/transitions.ts';
import type { Ledger, Stored } from '../../../src/vending/ports/ledger.ts';
import { commit, commitWhileAllowed, fits, MAX_DOCUMENT, readCredential } from '../../../src/vending/saga/commit.ts';
import { rows } from '../model/credentials.ts';
import { vended } from '../review/scenes.ts';
import { faultsAt, ID } from '../world/steps.ts';
import { World } from '../world/world.ts';

const KEY = `credential_${ID}`;
let world: World;
let row: Stored;
beforeEach(async () => {
  world = new World();
  await vended(world);
  const read = await readCredential(world.ctx(), ID);
  if (read.kind !== 'found') throw new Error('The ledger does not have it.');
  row = read.row;
});

/** Somebody else writes the row, and changes nothing in it. */
function touch(etag: string, text = world.ledger.rows.get(KEY)?.text ?? ''): void {
  world.ledger.rows.set(KEY, { text, etag });
}
const revokeOnce = () => commit(world.ctx(), row, T.revoke, { by: 'queue:orders' }, { id: ID });

it('a commit that another writer overtook reads the row, and nothing else', async () => {
  touch('other');
  world.calls = [];
  expect(await revokeOnce()).toMatchObject({ kind: 'overtaken', row: { etag: 'other' }, mayLand: false });
  expect(world.calls).toEqual(['commit', 'read']);
});

describe('a commit that did not take effect is not known to have failed', () => {
  it('where the ledger does not tell the row', async () => {
    world.fault = faultsAt({ commit: { 1: 'lost' }, read: { 1: 'lost' } });
    expect(await revokeOnce()).toEqual({ kind: 'unreachable' });
  });

  it('where the row is of another version', async () => {
    touch('other', '{"later":1}');
    expect(await revokeOnce()).toEqual({ kind: 'unreachable' });
  });
});

it('a change is tried four times where others write all the time, each time on the row as it then is', async () => {
  const ctx = world.ctx();
  const tried: (string | undefined)[] = [];
  const ledger: Ledger = {
    ...ctx.ledger,
    commit: (wanted) => {
      const { credential } = wanted;
      if (credential?.action === 'replace') tried.push(credential.etag);
      touch(`of writer ${tried.length}`);
      return ctx.ledger.commit(wanted);
    },
  };
  const result = await commitWhileAllowed({ ...ctx, ledger }, row, T.revoke, { by: 'queue:orders' });
  expect(result).toEqual({ kind: 'unreachable' });
  expect(tried).toEqual([row.etag, 'of writer 1', 'of writer 2', 'of writer 3']);
});

it('all tries on one row have one id: the first of them may land late', async () => {
  const ctx = world.ctx();
  const ids: string[] = [];
  const ledger: Ledger = {
    ...ctx.ledger,
    commit: async (wanted) => {
      if (wanted.credential?.action === 'replace') ids.push(wanted.credential.value.writeId);
      return ids.length === 1 ? { kind: 'unreachable', upstream: { service: 'ledger' } } : ctx.ledger.commit(wanted);
    },
  };
  const result = await commitWhileAllowed({ ...ctx, ledger }, row, T.revoke, { by: 'queue:orders' });
  expect(result).toMatchObject({ kind: 'committed', row: { credential: { writeId: ids[0] } } });
  expect(ids).toEqual([ids[0], ids[0]]);
});

it('a row fits up to the last character of its bound', () => {
  const room = MAX_DOCUMENT - JSON.stringify(rows.vended({ description: '' })).length;
  const fitting = [room, room + 1].map((length) => fits(rows.vended({ description: 'd'.repeat(length) })));
  expect(fitting).toEqual([true, false]);
});
