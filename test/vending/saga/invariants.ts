import { expect } from 'vitest';
import type { VendOutcome } from '../../../src/vending/saga/outcome.ts';
import { expectAllowed, expectTrailAllowed } from '../../model/conformance.ts';
import type { FakeKey, World } from './world.ts';

/** Asserts what must hold after every crash, fault, duplicate and race. */
export function expectInvariants(world: World, outcomes: readonly VendOutcome[]): void {
  expectAnswersHold(world, outcomes);
  expectLedgerHolds(world, outcomes);
}

/** What holds whatever was asked for: vended, rotated or revoked. */
export function expectLedgerHolds(world: World, outcomes: readonly unknown[]): void {
  expect(new Set(world.posts).size, 'one attempt, at most one POST').toBe(world.posts.length);
  for (const key of world.keys)
    if (key.live) expect(isAccountedFor(world, key), `${key.description} is named`).toBe(true);
  expectAtMostOneLiveKey(world);
  expectNoSecretOutside(world, outcomes);
  expectAllowed(world.changes);
  expectTrailAllowed(world.audit);
}

/** After the reconciler had its chance: closed, vended, or for an operator to look at. */
export function expectNothingOpenButUnknown(world: World): void {
  for (const { intent } of world.rows.values()) {
    expect(['vended', 'failed', 'unknown', 'superseded', 'revoked'], `${intent.id} is settled`).toContain(
      intent.state.kind,
    );
    if (intent.state.kind === 'failed' || intent.state.kind === 'revoked')
      expect(intent.state.sweepAt, 'late versions were swept').toBeUndefined();
  }
  for (const { tags, enabled } of world.versions) {
    const key = world.keys.find(({ record }) => record.id === tags['vend-key']);
    expect(enabled && key?.live === false, 'no version in force holds a deleted key').toBe(false);
  }
}

function expectAtMostOneLiveKey(world: World): void {
  const live = world.keys.filter((key) => key.live).map(({ description }) => intentOf(description));
  expect(new Set(live).size, 'at most one live key for each intent').toBe(live.length);
}

function isAccountedFor(world: World, { record, description }: FakeKey): boolean {
  const row = world.rows.get(intentOf(description));
  if (row === undefined) return false;
  const { state, attempt } = row.intent;
  const marked = description.endsWith(`vend:${row.intent.id}.${attempt}`);
  switch (state.kind) {
    case 'minting':
    case 'unknown':
      return marked;
    case 'minted':
    case 'compensating':
    case 'superseded':
    case 'revoking':
      return state.key.id === record.id;
    case 'vended':
      return state.key.id === record.id && inForce(world, state.secret.version);
    case 'failed':
    case 'revoked':
      return false;
  }
}

function expectAnswersHold(world: World, outcomes: readonly VendOutcome[]): void {
  const references = new Set<string>();
  for (const outcome of outcomes) {
    if (outcome.kind !== 'vended') continue;
    const { key, secret } = outcome.intent.state;
    references.add(secret.id);
    expect(world.rows.get(outcome.intent.id)?.intent.state.kind, 'answered vended means recorded vended').toBe(
      'vended',
    );
    expect(inForce(world, secret.version), 'the vault has what was answered').toBe(true);
    expect(world.keys.find(({ record }) => record.id === key.id)?.live, 'the key answered lives').toBe(true);
  }
  expect(references.size, 'one reference, however often it is asked').toBeLessThanOrEqual(1);
}

function expectNoSecretOutside(world: World, outcomes: readonly unknown[]): void {
  const visible = JSON.stringify([
    outcomes,
    [...world.rows],
    world.logs,
    world.audit,
    world.versions.map(({ tags }) => tags),
  ]);
  for (const { secret } of world.keys) expect(visible.includes(secret), 'no secret outside the vault').toBe(false);
}

const inForce = (world: World, version: string): boolean =>
  world.versions.some((stored) => stored.version === version && stored.enabled);

const intentOf = (description: string): string => /vend:([a-z2-7]+)\.\d+$/.exec(description)?.[1] ?? '';
