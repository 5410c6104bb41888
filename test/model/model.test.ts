import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { saysOf } from './invariants.ts';
import { DESIGN_QUICK, type Harmful, OBVIOUS_VERSION, type Scenario, WITHOUT_ONE_RULE } from './scenarios.ts';
import { boundsOf } from './setting.ts';
import { allows, type Party, type StateOf, TABLE, type Transition } from './table.ts';

const named = <One extends Scenario>(scenarios: readonly One[]): [string, One][] =>
  scenarios.map((scenario) => [`${scenario.title} (${boundsOf(scenario.setting)})`, scenario]);

const BOUNDS = { states: 100_000, table: true };

function expectHarm({ setting, breaks }: Harmful): void {
  const found = explore(setting, { ...BOUNDS, table: false });
  expect(found.broken).toContain(saysOf(breaks));
  expect(found.trace.length).toBeGreaterThan(0);
}

describe('the obvious version of the saga', () => {
  it.each(named(OBVIOUS_VERSION))('deletes a key that was vended: %s', (_, scenario) => expectHarm(scenario));

  it('does so though nothing fails', () => {
    expect(OBVIOUS_VERSION[0]?.setting.faults).toBe(0);
  });
});

describe('every rule is needed', () => {
  it.each(named(WITHOUT_ONE_RULE))('%s', (_, scenario) => expectHarm(scenario));
});

describe('the design', () => {
  const taken = new Set<Transition>();

  it.each(named(DESIGN_QUICK))('holds: %s', (_, { setting }) => {
    const found = explore(setting, BOUNDS);
    expect([found.broken, found.trace]).toEqual([[], []]);
    expect(found.verdict).toBe('clean');
    const ends = ['failed', 'none', 'unknown', 'vended'];
    expect([...found.ends].toSorted()).toEqual(setting.revokes === 'vended' ? [...ends, 'revoked'].toSorted() : ends);
    for (const row of found.taken) taken.add(row);
  });

  it('takes every row of the table but the bookkeeping', () => {
    expect(TABLE.filter((row) => !taken.has(row) && row.bookkeeping !== true)).toEqual([]);
  });

  it('is given up, not called clean, where the bound is too small', () => {
    const [scenario] = DESIGN_QUICK;
    expect(scenario && explore(scenario.setting, { ...BOUNDS, states: 100 }).verdict).toBe('unfinished');
  });
});

describe('the table', () => {
  const at = (kind: StateOf['kind'], attempt: number, keyId?: string): StateOf => ({ kind, attempt, keyId });

  it.each<[string, StateOf, StateOf, Party]>([
    ['a claim', at('none', 0), at('minting', 1), 'worker'],
    ['a claim after a failure', at('failed', 2), at('minting', 3), 'worker'],
    ['a recovery', at('minted', 1, 'K'), at('vended', 1, 'K'), 'reconciler'],
    ['a resolve', at('unknown', 1), at('compensating', 1, 'K'), 'operator'],
    ['a refused delete', at('compensating', 1, 'K'), at('unknown', 1, 'K'), 'worker'],
    ['forgetting', at('failed', 1), at('none', 0), 'reconciler'],
    ['a rotation', at('vended', 1, 'K'), at('superseded', 1, 'K'), 'worker'],
    ['the end of an overlap', at('superseded', 1, 'K'), at('revoking', 1, 'K'), 'reconciler'],
    ['a revocation', at('vended', 1, 'K'), at('revoking', 1, 'K'), 'operator'],
    ['the end of a revocation', at('revoking', 1, 'K'), at('revoked', 1), 'reconciler'],
  ])('allows %s', (_, from, to, by) => {
    expect(allows(from, to, by)).toBe(true);
  });

  it.each<[string, StateOf, StateOf, Party]>([
    ['a claim of an unknown intent', at('unknown', 1), at('minting', 2), 'worker'],
    ['a claim that skips an attempt', at('failed', 1), at('minting', 3), 'worker'],
    ['failing with a key at hand', at('minted', 1, 'K'), at('failed', 1), 'worker'],
    ['vending another key', at('minted', 1, 'K'), at('vended', 1, 'L'), 'worker'],
    ['vending what was given up', at('unknown', 1, 'K'), at('vended', 1, 'K'), 'worker'],
    ['deleting what was vended', at('vended', 1, 'K'), at('compensating', 1, 'K'), 'reconciler'],
    ['a claim by the reconciler', at('failed', 1), at('minting', 2), 'reconciler'],
    ['a resolve by the reconciler', at('unknown', 1), at('failed', 1), 'reconciler'],
    ['a revocation by the reconciler unasked', at('vended', 1, 'K'), at('revoking', 1, 'K'), 'reconciler'],
    ['a revocation without its record', at('vended', 1, 'K'), at('revoked', 1), 'worker'],
    ['a claim of what was revoked', at('revoked', 1), at('minting', 2), 'worker'],
    ['taking a revocation back', at('revoking', 1, 'K'), at('vended', 1, 'K'), 'worker'],
    ['forgetting what is open', at('unknown', 1), at('none', 0), 'reconciler'],
  ])('does not allow %s', (_, from, to, by) => {
    expect(allows(from, to, by)).toBe(false);
  });
});
