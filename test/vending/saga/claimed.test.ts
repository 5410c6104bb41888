import { describe, expect, it } from 'vitest';
import { IN_PROGRESS, NOTHING_RECORDED } from '../../../src/vending/model/problems.ts';
import type { Ledger } from '../../../src/vending/ports/ledger.ts';
import { claimAttempt, type Draft } from '../../../src/vending/saga/claim.ts';
import { MAX_DOCUMENT, RECORD_FULL } from '../../../src/vending/saga/commit.ts';
import { CLAIM } from '../model/attempt-cases.ts';
import { ID, rows } from '../model/credentials.ts';
import { World } from '../world/world.ts';

const grant = { rule: 'orders', overlapMs: 1, minOverlapMs: 0, maxOverlapMs: 1, revokeAtExpiry: false };
const draftOf = (from?: Draft['from']): Draft => ({
  ...{ id: ID, from, grant },
  claim: { purpose: 'vend', draft: CLAIM.draft, grant: CLAIM.grant },
});
const SILENT = { kind: 'unreachable', upstream: { service: 'ledger' } } as const;

describe('no attempt is made', () => {
  it.each([
    ['of a record that is full', rows.failed({ description: 'd'.repeat(MAX_DOCUMENT) }), RECORD_FULL],
    ['where the row does not allow it', rows.vended(), IN_PROGRESS],
  ])('%s', async (_, credential, problem) => {
    const world = new World();
    const result = { kind: 'problem', attempt: 0, problem };
    const claimed = await claimAttempt(world.ctx(), draftOf({ credential, etag: 'e' }));
    expect(claimed).toEqual({ kind: 'not-claimed', result });
    expect(world.calls).toEqual([]);
  });

  it('where the ledger is silent', async () => {
    const world = new World();
    world.fault = () => 'lost';
    const result = { kind: 'problem', attempt: 0, problem: NOTHING_RECORDED };
    expect(await claimAttempt(world.ctx(), draftOf())).toEqual({ kind: 'not-claimed', result });
  });

  it('for a claim that somebody else has judged before its worker found it', async () => {
    const world = new World();
    const ctx = world.ctx();
    const ledger: Ledger = {
      ...ctx.ledger,
      commit: async (wanted) => {
        const { credential } = wanted;
        if (credential?.action !== 'insert' || credential.value.work === undefined) throw new Error('No claim.');
        const judged = { ...credential.value, work: { ...credential.value.work, phase: 'unknown' } };
        world.ledger.rows.set(`credential_${ID}`, { text: JSON.stringify({ ...judged, writeId: 'other' }), etag: 'e' });
        return SILENT;
      },
    };
    const claimed = await claimAttempt({ ...ctx, ledger }, draftOf());
    expect(claimed).toMatchObject({ kind: 'not-claimed', result: { kind: 'overtaken', mayClaim: false } });
  });
});

describe('a claim without an answer', () => {
  /** A ledger that is silent about the first claim, and does this with it. */
  function silentOnce(
    world: World,
    act: (land: (writeId?: string) => void) => void,
    onRead: (reads: number) => void = () => undefined,
  ) {
    const { ledger } = world.ctx();
    let reads = 0;
    const silent: Ledger = {
      ...ledger,
      commit: async ({ credential }) => {
        if (credential === undefined || !('value' in credential)) throw new Error('No claim.');
        const { value } = credential;
        act((writeId = value.writeId) => {
          const text = JSON.stringify({ ...value, writeId });
          world.ledger.rows.set(`credential_${ID}`, { text, etag: 'landed' });
        });
        return SILENT;
      },
      read: (kind, ...key) => {
        reads += 1;
        onRead(reads);
        return ledger.read(kind, ...key);
      },
    };
    return { ...world.ctx(), ledger: silent };
  }

  it('over which a revocation was written is ours, and is not looked for again', async () => {
    const world = new World();
    const start = world.now;
    const ctx = silentOnce(world, (land) => land('of the revocation'));
    expect(await claimAttempt(ctx, draftOf())).toMatchObject({ kind: 'claimed', work: { attempt: 1 } });
    expect(world.now).toBe(start);
  });

  it('that lands at last is found, although the row of before was seen twice', async () => {
    const world = new World();
    const credential = rows.failed();
    world.ledger.rows.set(`credential_${ID}`, { text: JSON.stringify(credential), etag: 'e' });
    let land: () => void = () => undefined;
    const ctx = silentOnce(
      world,
      (each) => {
        land = each;
      },
      (reads) => {
        if (reads === 3) land();
      },
    );
    const claimed = await claimAttempt(ctx, draftOf({ credential, etag: 'e' }));
    expect(claimed).toMatchObject({ kind: 'claimed', work: { attempt: 2 } });
  });
});

it('a claim that another row stands in the way of is not looked for: it did not land', async () => {
  const world = new World();
  const start = world.now;
  world.ledger.rows.set(`credential_${ID}`, { text: JSON.stringify(rows.failed()), etag: 'e' });
  const claimed = await claimAttempt(world.ctx(), draftOf());
  expect(claimed).toMatchObject({ kind: 'not-claimed', result: { kind: 'overtaken', mayClaim: true } });
  expect([world.calls, world.now]).toEqual([['commit', 'read'], start]);
});
