import { describe, expect, it } from 'vitest';
import { namedKeys } from '../../../src/vending/model/credential.ts';
import { rowOf } from '../../../src/vending/model/rows.ts';
import { TRANSITIONS as T } from '../../../src/vending/model/transitions.ts';
import { CLAIM, ROTATION } from '../model/attempt-cases.ts';
import {
  DAY,
  FIRST,
  HOUR,
  ID,
  keyOf,
  LAPSED,
  NOW,
  PREVIOUS,
  PROBLEM,
  rows,
  SECOND,
  SECRET_NAME,
  secretOf,
  VAULT_URL,
} from '../model/credentials.ts';
import { rotateIn, vendIn } from '../world/steps.ts';
import { World } from '../world/world.ts';
import { committed } from './committed.ts';

const dueKey = (at: number): string => rowOf('due', { id: ID, at }).key;
const VENDED = { attempt: FIRST, keyId: 'KEY1', key: keyOf('KEY1'), secret: secretOf('v1') };
const REPLACED = { attempt: SECOND, keyId: 'KEY2', key: keyOf('KEY2'), secret: secretOf('v2') };
const FAILED = { attempt: FIRST, problem: PROBLEM };
const REVOCATION = { since: NOW, by: 'queue:orders' };

describe('beside the credential stands', () => {
  it('at a first claim: its name and its caller’s row, the next review, the attempt and the audit record', () => {
    const commit = committed(T.claimVend, undefined, CLAIM);
    expect(commit).toMatchObject({
      action: 'insert',
      inserted: ['name'],
      put: ['due', 'caller', 'attempt', 'audit'],
      removed: [],
    });
    expect(commit.keys.put[0]).toBe(dueKey(LAPSED));
    expect(commit.value('name')).toEqual({ id: ID, vaultUrl: VAULT_URL, secretName: SECRET_NAME });
  });

  it('at a claim after a failure: the name again, another attempt, and the other date of review', () => {
    const commit = committed(T.claimVend, rows.failed(), CLAIM);
    expect(commit).toMatchObject({
      action: 'replace',
      inserted: ['name'],
      put: ['due', 'attempt', 'audit'],
      removed: ['prune'],
    });
  });

  it('at the claim of a rotation: its request row, and no second name', () => {
    const commit = committed(T.claimRotation, rows.vended(), ROTATION);
    expect(commit.inserted).toEqual(['rotation']);
    expect(commit.put).toEqual(['due', 'attempt', 'audit']);
    expect(commit.value('rotation')).toEqual({
      id: ID,
      requestKey: ROTATION.requestKey,
      nonce: 'bbbbbb',
      attempt: 2,
      requestHash: 'hash',
    });
  });

  it('at a minted key: whose it is, while the date of review stays', () => {
    const commit = committed(T.recordMinted, rows.minting(), { attempt: FIRST, keyId: 'KEY1' });
    expect(commit).toMatchObject({ inserted: [], put: ['key', 'audit'], removed: [] });
    expect(commit.value('key')).toEqual({ apiKeyId: 'KEY1', id: ID, attempt: 1 });
  });

  it('at a vended key: the end of the attempt and the event, and no date where nothing will be due', () => {
    const commit = committed(T.recordVended, rows.minted(), VENDED);
    expect(commit).toMatchObject({ inserted: [], put: ['attempt', 'audit', 'event'], removed: ['due'] });
    expect(commit.value('attempt')).toEqual({
      id: ID,
      ...FIRST,
      purpose: 'vend',
      claimedAt: NOW,
      outcome: 'vended',
      endedAt: NOW,
      apiKeyId: 'KEY1',
      secretVersion: 'v1',
    });
  });

  it('at a rotation: the end of the overlap is due, and its request row stays for replays', () => {
    const row = rows.rotating({}, { phase: 'minted', keyId: 'KEY2' });
    const commit = committed(T.recordVended, row, REPLACED);
    expect(commit).toMatchObject({ put: ['due', 'attempt', 'audit', 'event'], removed: ['due'] });
    expect(commit.keys.put[0]).toBe(dueKey(PREVIOUS.revokeAt));
    expect(commit.value('attempt')).toMatchObject({ attempt: 2, outcome: 'vended', apiKeyId: 'KEY2' });
  });

  it('at a key that the ledger hears of only now: whose it is', () => {
    expect(committed(T.recordVended, rows.minting(), VENDED).value('key')).toEqual({
      apiKeyId: 'KEY1',
      id: ID,
      attempt: 1,
    });
  });

  it('at a key that is found later: the attempt that its marker names', () => {
    const found = { attempt: { attempt: 7, nonce: 'cccccc' }, keyId: 'KEY9', problem: PROBLEM, claimId: 'claim' };
    const commit = committed(T.correctNone, rows.vended(), found, { by: 'operator' });
    expect(commit.value('key')).toEqual({ apiKeyId: 'KEY9', id: ID, attempt: 7 });
  });

  it('at a failure: the end of the attempt, and the name is free', () => {
    const commit = committed(T.recordNotMinted, rows.minting(), FAILED);
    expect(commit).toMatchObject({ put: ['prune', 'attempt', 'audit', 'event'], removed: ['due', 'name'] });
    expect(commit.value('attempt')).toMatchObject({ outcome: 'failed', problem: 'upstream-refused', endedAt: NOW });
    expect(commit.keys.remove[1]).toBe(rowOf('name', { id: ID, vaultUrl: VAULT_URL, secretName: SECRET_NAME }).key);
  });

  it('at a failed rotation: its request can be sent again, and the key that is there keeps the name', () => {
    const commit = committed(T.recordNotMinted, rows.rotating(), { attempt: SECOND, problem: PROBLEM });
    expect(commit.removed).toEqual(['due', 'rotation']);
    expect(commit.keys.remove[1]).toBe(`rotation_${ID}_${'z'.repeat(26)}`);
  });

  it('at a rotation that is to be deleted: its request row as it was, until the key is gone', () => {
    const discard = { attempt: SECOND, keyId: 'KEY2', problem: PROBLEM };
    const discarded = committed(T.discardKey, rows.rotating(), discard);
    expect(discarded).toMatchObject({ inserted: [], put: ['due', 'key', 'audit'], removed: ['due'] });
    const closed = committed(T.recordCompensated, discarded.after, { attempt: SECOND, keyId: 'KEY2', stored: false });
    expect(closed.removed).toEqual(['due', 'rotation']);
  });

  it('at an unknown outcome: what waits for a person, instead of a date', () => {
    const commit = committed(T.recordUnknown, rows.minting(), { attempt: FIRST });
    expect(commit).toMatchObject({ put: ['open', 'audit', 'event'], removed: ['due'] });
    expect(commit.value('open')).toEqual({ id: ID, since: NOW, reason: 'unknown' });
    const resolved = committed(T.resolveWithoutKey, commit.after, FAILED, { by: 'operator', now: NOW + HOUR });
    expect(resolved.removed).toEqual(['open', 'name']);
  });

  it('at the last step of a revocation: the name is free, and both keys have an event', () => {
    const row = rows.rotated({ revocation: REVOCATION });
    const commit = committed(T.recordRevoked, row, { keyIds: ['KEY1', 'KEY2'], checked: true });
    expect(commit).toMatchObject({ put: ['due', 'audit', 'event', 'event'], removed: ['due', 'name'] });
    expect(namedKeys(commit.after)).toEqual([]);
  });
});

describe('bookkeeping', () => {
  it('leaves no audit record and no event', () => {
    const row = rows.vended({}, { rotateAt: NOW, expiresOn: NOW + DAY });
    const commit = committed(T.noteRotationAsked, row, { suspended: true }, { by: 'reconciler' });
    expect(commit).toMatchObject({ put: ['due', 'open'], removed: ['due'], recorded: { audit: [], events: [] } });
  });

  it('leaves the name alone that a failed credential gave up: it may be another’s', () => {
    const commit = committed(T.recordSwept, rows.failed({ sweepAt: LAPSED }), {}, { by: 'reconciler', now: LAPSED });
    expect(commit.removed).toEqual(['due']);
  });

  it('that moves no date writes the credential alone', () => {
    const commit = committed(T.noteRotationAsked, rows.vended(), { suspended: false }, { by: 'reconciler' });
    expect(commit).toMatchObject({ action: 'replace', inserted: [], put: [], removed: [] });
  });
});

describe('events', () => {
  it('have no rows where there is no topic', () => {
    const commit = committed(T.recordVended, rows.minted(), VENDED, { hasTopic: false });
    expect(commit.put).toEqual(['attempt', 'audit']);
    expect(commit.recorded.events).toEqual([]);
  });

  it('and the audit record are in their rows as they are published, under the number of the commit', () => {
    const row = rows.minted({ sequence: 4 });
    const { recorded, value } = committed(T.recordVended, row, VENDED);
    const [event, record] = [recorded.events[0], recorded.audit[0]];
    expect(value('event')).toEqual({ id: ID, at: NOW, sequence: 5, part: 0, body: JSON.stringify(event?.event) });
    expect(value('audit')).toEqual({ id: ID, at: NOW, sequence: 5, part: 0, body: JSON.stringify(record?.record) });
    expect(event?.key).toBe(`event_2026-01-01T00:00:00.000Z_${ID}_000000005_0`);
    expect(record?.key).toBe(`audit_2026-01-01T00:00:00.000Z_${ID}_000000005_0`);
  });
});

it('a whole vend writes and removes 18 rows, and so does a rotation', async () => {
  const world = new World();
  const rowsOf = async (work: () => Promise<unknown>): Promise<number> => {
    world.trace = [];
    await work();
    await world.settled();
    const commits = world.trace.filter((call) => call.startsWith('COMMIT'));
    return commits.flatMap((call) => call.match(/ (?!insert|put|remove|replace)[a-z]+/g) ?? []).length;
  };
  expect(await rowsOf(() => vendIn(world))).toBe(18);
  expect(await rowsOf(() => rotateIn(world))).toBe(18);
});
