import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { COURTESIES, PROOFS, TOGETHER } from './proofs.ts';
import { CONDITIONS, RULE_NAMES } from './rules.ts';
import { QUICK } from './scenarios.ts';

/** Scenarios of a few thousand states. `npm run model` explores them all. */
const HELD: readonly string[] = [
  'first vend',
  'first vend, a stranger deletes keys',
  'rotation',
  'rotation beside a first vend',
  'rotation while previous lives, end of the overlap',
  'revocation of a current key',
  'end of the overlap, a stranger replaces tags, Confluent answers 403',
  'the row is lost, a vend and a revocation',
  'first vend, keys are young',
  'no clock: rotation',
];

const boundsOf = (title: string) => {
  const [, bounds] = QUICK.find(([name]) => name === title) ?? [];
  if (bounds === undefined) throw new Error(`There is no scenario "${title}".`);
  return bounds;
};

describe('the design, explored through the table of transitions', () => {
  it.each(HELD)('holds: %s', (title) => {
    const { verdict, broken, trace } = explore(boundsOf(title));
    expect({ verdict, broken, trace }).toEqual({ verdict: 'clean', broken: [], trace: [] });
  });

  it('reaches every kind of end', () => {
    const { ends } = explore({ vends: 1, revocations: 1, operator: true });
    expect([...ends.keys()].toSorted()).toEqual(['closed', 'failed', 'unknown', 'vended']);
  });

  it('is given up, not called clean, where there are more worlds than the bound', () => {
    expect(explore(boundsOf('first vend'), [], 100).verdict).toBe('unfinished');
  });
});

describe('a rule that is left out breaks it', () => {
  it.each([
    'noWork',
    'noPrevious',
    'leaseIsOver',
    'keysAreOld',
    'confirmClaim',
    'acceptedIsNotDone',
    'youngAbsence',
    'lookupMustSucceed',
  ])('%s', (rule) => {
    const found = explore(boundsOf(PROOFS[rule] ?? ''), [rule]);
    expect(found.broken).not.toEqual([]);
    expect(found.trace.length).toBeGreaterThan(0);
  });
});

describe('the list of rules', () => {
  it.each([...CONDITIONS, ...RULE_NAMES])('says what %s is for', (rule) => {
    const fences = TOGETHER.filter(([rules]) => rules.includes(rule)).map(([, title]) => title);
    expect([PROOFS[rule], COURTESIES[rule], ...fences].filter((each) => each !== undefined)).toHaveLength(1);
  });

  it('names no rule that does not exist', () => {
    const known = new Set<string>([...CONDITIONS, ...RULE_NAMES]);
    expect([...Object.keys(PROOFS), ...Object.keys(COURTESIES)].filter((name) => !known.has(name))).toEqual([]);
  });

  it('names scenarios that exist', () => {
    const titles = new Set(QUICK.map(([title]) => title));
    const named = [...Object.values(PROOFS), ...TOGETHER.map(([, title]) => title)];
    expect(named.filter((title) => !titles.has(title))).toEqual([]);
  });
});
