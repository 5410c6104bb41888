import { expect } from 'vitest';
import { type Credential, isSameAttempt, namedKeys } from '../../../src/vending/model/credential.ts';
import { openReason } from '../../../src/vending/model/due.ts';
import { readMarker } from '../../../src/vending/model/idempotency.ts';
import { type RowKind, rowOf } from '../../../src/vending/model/rows.ts';
import { nextReviewRow } from '../../../src/vending/saga/changes.ts';
import { MAX_DOCUMENT } from '../../../src/vending/saga/commit.ts';
import { readTags } from '../../../src/vending/secret/naming.ts';
import type { FakeKey } from './confluent.ts';
import { DEFAULT_TIMINGS as timings } from './timings.ts';
import type { World } from './world.ts';

/** Asserts what must hold after every crash, fault, duplicate and race. */
export function expectInvariants(world: World, outcomes: readonly unknown[] = []): void {
  const { posts, keys } = world.confluent;
  expect(new Set(posts).size, 'an attempt sends at most one POST').toBe(posts.length);
  for (const key of keys) if (key.live) expectNamed(world, key);
  for (const row of world.ledger.all('credential')) {
    expect(liveOf(world, row.id).length, 'at most two keys of a credential live').toBeLessThanOrEqual(2);
    expect(JSON.stringify(row).length).toBeLessThanOrEqual(MAX_DOCUMENT);
    expectIndexed(world, row);
  }
  expectOneSecretName(world);
  expectNoSecretOutside(world, outcomes);
  expectSequences(world);
  expect(world.brokenRules, 'rules that a deletion broke').toEqual([]);
}

/** After the reconciler had its chance: everything is settled, or waits for a person. */
export function expectSettled(world: World): void {
  for (const row of world.ledger.all('credential')) {
    const { id, work, previous, revocation, closed, sweepAt } = row;
    const isOpen = openReason(row) !== undefined;
    if (!isOpen) expect(work, `${id} has no attempt under way`).toBeUndefined();
    if (!isOpen) expect(previous, `the overlap of ${id} is over`).toBeUndefined();
    if (revocation !== undefined && !isOpen) expect(closed, `${id} is closed`).toBeDefined();
    expect(sweepAt, `${id} is swept`).toBeUndefined();
  }
  for (const { version, value, enabled } of world.vault.versions) {
    const key = world.confluent.keys.find(({ secret }) => secret === value);
    const isDeleted = key !== undefined && world.confluent.deleted.includes(key.record.id);
    expect(enabled && isDeleted, `${version} holds a key that was deleted, and is enabled`).toBe(false);
  }
  expect([world.ledger.keys('audit'), world.ledger.keys('event')], 'everything was published').toEqual([[], []]);
  expectPublished(world.ledger.recorded.audit, world.audit);
  expectPublished(world.ledger.recorded.event, world.published);
}

/** Asserts that an answer is true: the ledger recorded that key, and the vault had its secret. */
export function expectAnswered(
  world: World,
  outcome: { readonly kind: string; readonly credential?: Credential } | undefined,
): void {
  if (outcome?.kind !== 'vended' || outcome.credential === undefined) return;
  const { current } = outcome.credential;
  expect(current, 'vended is answered with a key').toBeDefined();
  const recorded = world.ledger.changes.some(({ after }) => after?.current?.key.id === current?.key.id);
  expect(recorded, 'the ledger has what was answered').toBe(true);
  const stored = world.vault.find(current?.secret.version ?? '');
  expect(stored?.value, 'the vault has what was answered').toBe(world.confluent.find(current?.key.id ?? '')?.secret);
}

/** Readers who name no version get the secret of a key that lives. */
export function expectReadable(world: World): void {
  const readable = world.vault.readable();
  expect(readable, 'the newest version is enabled').toHaveLength(1);
  for (const keyId of readable) expect(world.confluent.live()).toContain(keyId);
}

const liveOf = (world: World, id: string): readonly FakeKey[] =>
  world.confluent.keys.filter(({ live, description }) => live && readMarker(description)?.id === id);

/** It is current or previous and its secret is in the vault, or the attempt or the revocation names it. */
function expectNamed(world: World, { record, description, secret }: FakeKey): void {
  const marker = readMarker(description);
  if (marker === undefined) return;
  const row = world.ledger.get(marker.id);
  const isOfWork =
    row?.work !== undefined &&
    isSameAttempt(row.work, marker) &&
    (row.work.keyId === undefined || row.work.keyId === record.id);
  if (isOfWork) return;
  expect(row === undefined ? [] : namedKeys(row), `${record.id} lives, so the ledger names it`).toContain(record.id);
  const isGoing =
    row?.revocation !== undefined || (row?.previous?.keyId === record.id && world.now >= row.previous.revokeAt);
  if (isGoing) return;
  const version = row?.current?.key.id === record.id ? row.current.secret.version : row?.previous?.secret.version;
  const stored = world.vault.find(version ?? '');
  expect([stored?.value, stored?.enabled], `the secret of ${record.id} is in the vault`).toEqual([secret, true]);
}

/** What is written beside a credential follows from it, and nothing of it is left over. */
function expectIndexed(world: World, row: Credential): void {
  const { id, vaultUrl, secretName, caller, createdAt } = row;
  const open = openReason(row);
  const next = nextReviewRow(row, timings)?.key;
  const wanted = [
    ...(next === undefined ? [] : [next]),
    ...(open === undefined ? [] : [rowOf('open', { id, ...open }).key]),
    ...(row.holdsName ? [rowOf('name', { id, vaultUrl, secretName }).key] : []),
    rowOf('caller', { caller, createdAt, id }).key,
  ];
  const kinds: readonly RowKind[] = ['due', 'prune', 'open', 'name', 'caller'];
  const kept = kinds.flatMap((kind) => world.ledger.keys(kind).filter((key) => isOf(world, kind, key, id)));
  expect(kept.toSorted(), `rows beside ${id}`).toEqual(wanted.toSorted());
  for (const keyId of namedKeys(row))
    expect(world.ledger.rows.has(rowOf('key', { apiKeyId: keyId, id, attempt: 1 }).key)).toBe(true);
}

const isOf = (world: World, kind: RowKind, key: string, id: string): boolean => {
  const text = world.ledger.rows.get(key)?.text ?? '';
  return text.includes(`"id":"${id}"`) && key.startsWith(`${kind}_`);
};

function expectOneSecretName(world: World): void {
  const names = new Map<string, Set<string>>();
  for (const { vaultUrl, name, tags } of world.vault.versions) {
    const id = readTags(tags)?.id;
    if (id !== undefined) names.set(id, (names.get(id) ?? new Set()).add(`${vaultUrl} ${name}`));
  }
  for (const [id, of] of names) expect([...of], `${id} has one secret name`).toHaveLength(1);
}

function expectNoSecretOutside(world: World, outcomes: readonly unknown[]): void {
  const { ledger, logs, audit, published, vault, trace } = world;
  const tags = vault.versions.map((version) => version.tags);
  const visible = JSON.stringify([outcomes, [...ledger.rows], logs, audit, published, tags, trace]);
  for (const { secret } of world.confluent.keys)
    expect(visible.includes(secret), 'no secret is outside the vault').toBe(false);
}

/** Every change is the next one of its credential, so consumers can order by it. Its due row may be written alone. */
function expectSequences(world: World): void {
  for (const { before, after } of world.ledger.changes)
    if (after !== undefined && after.writeId !== before?.writeId)
      expect(after.sequence).toBe((before?.sequence ?? 0) + 1);
}

/** Everything that was recorded, as often as may be and always in the same words, and nothing else. */
function expectPublished(bodies: readonly string[], published: readonly object[]): void {
  const words = new Set(published.map((each) => JSON.stringify({ ...each, repeated: undefined })));
  expect(new Set(bodies), 'what was recorded and published').toEqual(words);
  const ids = [...words].map((body) => JSON.parse(body).id);
  expect(ids, 'each record has an id of its own').toHaveLength(new Set(ids).size);
}
