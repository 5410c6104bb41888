import { expect, it } from 'vitest';
import { endOverlapNow } from '../../../src/vending/commands/end-overlap.ts';
import { rotate } from '../../../src/vending/commands/rotate.ts';
import { vend } from '../../../src/vending/commands/vend.ts';
import type { Commit, Ledger } from '../../../src/vending/ports/ledger.ts';
import { backOff } from '../../../src/vending/review/review.ts';
import { nextReviewRow } from '../../../src/vending/saga/changes.ts';
import { readCredential } from '../../../src/vending/saga/commit.ts';
import { tickIn } from '../review/scenes.ts';
import { expectSettled } from '../world/invariants.ts';
import { CALLER, ID, KEY, OWN, REQUEST, rotateIn, rowIn, SETTINGS, vendIn } from '../world/steps.ts';
import { World } from '../world/world.ts';

const SILENT = { kind: 'unreachable', upstream: { service: 'ledger' } } as const;

/** The first commit of this kind gets no answer, and takes effect right before the second one. */
function firstLandsBeforeSecond(world: World, ledger: Ledger, isOfKind: (commit: Commit) => boolean): Ledger {
  const seen: Commit[] = [];
  return {
    ...ledger,
    commit: async (commit) => {
      if (!isOfKind(commit)) return ledger.commit(commit);
      seen.push(commit);
      const [first] = seen;
      if (seen.length === 1) return SILENT;
      if (seen.length === 2 && first !== undefined) await ledger.commit(first);
      return ledger.commit(commit);
    },
    read: async (kind, ...key) => {
      const read = await ledger.read(kind, ...key);
      // The second try has another time in its row.
      if (seen.length === 1) world.pass(3_000);
      return read;
    },
  };
}

it('a first try that lands late is gone on with as the ledger has it', async () => {
  const world = new World();
  world.vault.refuseStores = 'transient';
  const ctx = world.ctx();
  const isCompensating = ({ credential }: Commit): boolean =>
    credential !== undefined && 'value' in credential && credential.value.work?.phase === 'compensating';
  const ledger = firstLandsBeforeSecond(world, ctx.ledger, isCompensating);
  await vend({ ...ctx, ledger }, SETTINGS, { caller: CALLER, key: KEY, request: REQUEST });
  await world.settled();
  expect(rowIn(world)).toMatchObject({ failure: { problem: { type: 'vault-unavailable' } } });
  // Its dates are those of the row: the commit after it found the due row that it had to take away.
  expect(world.ledger.keys('due')).toEqual([nextReviewRow(rowIn(world), ctx.timings)?.key]);
  // The reconciler publishes what a worker left behind, and that is what the worker published.
  await tickIn(world, 600_000);
  await world.settled();
  expectSettled(world);
});

it('the event of a first try that lands late tells what the ledger has', async () => {
  const world = new World();
  await vendIn(world);
  await world.settled();
  const ctx = world.ctx();
  const isRotated = ({ credential }: Commit): boolean =>
    credential !== undefined && 'value' in credential && credential.value.previous !== undefined;
  const ledger = firstLandsBeforeSecond(world, ctx.ledger, isRotated);
  const command = { authority: OWN, id: ID, requestKey: 'r'.repeat(26), requestHash: 'h'.repeat(64) };
  expect(await rotate({ ...ctx, ledger }, SETTINGS, command)).toMatchObject({ kind: 'vended' });
  await world.settled();
  const { previous } = rowIn(world);
  if (previous === undefined) throw new Error('The row has no overlap.');
  expect(world.published.at(-1)?.data).toMatchObject({ revokeAt: new Date(previous.revokeAt).toISOString() });
});

it('a try that took effect below another writer’s change is a change of its own, and so is the next try', async () => {
  const world = new World();
  await vendIn(world);
  await world.settled();
  const previous = rowIn(world).current?.key.id ?? '';
  await rotateIn(world);
  await world.settled();
  world.pass(60_000);
  const ctx = world.ctx();
  let isFirst = true;
  const ledger: Ledger = {
    ...ctx.ledger,
    commit: async (commit) => {
      const outcome = await ctx.ledger.commit(commit);
      if (!isFirst || commit.credential === undefined) return outcome;
      isFirst = false;
      // A review writes the row before the worker reads it.
      const read = await readCredential(ctx, ID);
      if (read.kind === 'found') await backOff(world.ctx('reconciler'), read.row, undefined);
      return SILENT;
    },
  };
  const command = { authority: OWN, id: ID, apiKeyId: previous };
  expect(await endOverlapNow({ ...ctx, ledger }, SETTINGS, command)).toMatchObject({ kind: 'overlap-ended' });
  await world.settled();
  await tickIn(world, 600_000);
  await world.settled();
  expectSettled(world);
});
