import type { InvariantName } from './invariants.ts';
import { RULE_NAMES, RULES, type RuleName, rulesWithout } from './rules.ts';
import { type Setting, settingOf } from './setting.ts';

export interface Scenario {
  readonly title: string;
  readonly setting: Setting;
}

/** One that must be found broken. */
export interface Harmful extends Scenario {
  readonly breaks: InvariantName;
}

/** The saga as one would write it first: claim, mint, store, delete the key if that fails, reconcile what is left. */
const OBVIOUS: readonly RuleName[] = [
  'loserRereads',
  'confirmVended',
  'leaseCheck',
  'settle',
  'ambiguousStoreWaits',
  'noDeleteAfterStore',
  'recordBeforeDelete',
  'deleteNeedsProof',
  'youngAbsence',
  'refusalDecides',
  'disableOnCompensate',
  'failedIsSwept',
  'lookupMustSucceed',
  'adoptOnlyLiving',
  'operatorWaits',
  'markerChecked',
  'noneNeedsDeadKeys',
  'unpark',
];

export const OBVIOUS_VERSION: readonly Harmful[] = [
  {
    title: 'the obvious version, though nothing fails',
    setting: settingOf({ rules: rulesWithout(...OBVIOUS), operator: false, faults: 0 }),
    breaks: 'vendedKeyStays',
  },
  {
    title: 'the same with leases and a reconciler that records before it deletes, one worker',
    setting: settingOf({
      rules: rulesWithout(...OBVIOUS.filter((rule) => rule !== 'leaseCheck' && rule !== 'recordBeforeDelete')),
      workers: 1,
      operator: false,
    }),
    breaks: 'vendedKeyStays',
  },
];

/** What each rule is for: the smallest bounds in which its absence does harm, and the harm. */
const HARM: Readonly<Record<RuleName, { readonly breaks: InvariantName } & Partial<Setting>>> = {
  ifMatch: { workers: 1, faults: 0, breaks: 'everyKeyIsNamed' },
  ownWrite: { faults: 0, breaks: 'onePost' },
  loserRereads: { workers: 1, faults: 0, breaks: 'vendedKeyStays' },
  dueRowFirst: { workers: 1, faults: 0, breaks: 'nothingStaysOpen' },
  confirmClaim: { workers: 1, breaks: 'everyKeyIsNamed' },
  confirmVended: { workers: 1, timing: 'none', breaks: 'answerHolds' },
  ambiguousIsUnknown: { workers: 1, breaks: 'everyKeyIsNamed' },
  unknownIsFinal: { faults: 0, breaks: 'everyKeyIsNamed' },
  leaseCheck: { workers: 1, faults: 0, breaks: 'everyKeyIsNamed' },
  ambiguousStoreWaits: { workers: 1, breaks: 'newestWorks' },
  noDeleteAfterStore: { workers: 1, breaks: 'vendedKeyStays' },
  recordBeforeDelete: { workers: 1, faults: 0, timing: 'none', breaks: 'vendedKeyStays' },
  deleteNeedsProof: { workers: 1, breaks: 'everyKeyIsNamed' },
  youngAbsence: { workers: 1, breaks: 'everyKeyIsNamed' },
  refusalDecides: { workers: 1, faults: 2, timing: 'none', breaks: 'vendedKeyStays' },
  disableOnCompensate: { workers: 1, faults: 0, timing: 'none', breaks: 'closedLeavesNothing' },
  failedIsSwept: { workers: 1, faults: 0, timing: 'none', breaks: 'nothingStaysInForce' },
  settle: { workers: 1, breaks: 'everyKeyIsNamed' },
  lookupMustSucceed: { workers: 1, rotation: true, breaks: 'newestWorks' },
  adoptOnlyLiving: { workers: 1, stranger: true, breaks: 'adoptedKeyLives' },
  operatorWaits: { workers: 1, breaks: 'everyKeyIsNamed' },
  markerChecked: { workers: 1, faults: 0, rotation: true, breaks: 'newestWorks' },
  noneNeedsDeadKeys: { workers: 1, timing: 'none', breaks: 'everyKeyIsNamed' },
  unpark: { workers: 1, faults: 0, breaks: 'nothingStaysOpen' },
  supersedeAfterVended: { workers: 1, faults: 0, rotation: true, breaks: 'newestWorks' },
  dueUntilSuperseded: { workers: 1, faults: 0, rotation: true, breaks: 'oldIsSuperseded' },
  sourceRechecked: { workers: 1, faults: 0, rotation: true, revokes: 'old', breaks: 'revokedAlone' },
  revokingFirst: { workers: 1, faults: 0, revokes: 'vended', breaks: 'vendedIsStored' },
  revokedIsProven: { workers: 1, revokes: 'vended', breaks: 'revokedIsDead' },
  revokedIsDisabled: { workers: 1, revokes: 'vended', breaks: 'revokedIsDead' },
  revokedIsSwept: { workers: 1, revokes: 'vended', breaks: 'nothingStaysInForce' },
};

export const WITHOUT_ONE_RULE: readonly Harmful[] = RULE_NAMES.map((rule) => {
  const { breaks, ...bounds } = HARM[rule];
  return {
    title: `without ${rule}: ${RULES[rule]}`,
    setting: settingOf({ ...bounds, rules: rulesWithout(rule) }),
    breaks,
  };
});

const design = (bounds: Partial<Setting>): Scenario => ({ title: 'the design', setting: settingOf(bounds) });

export const DESIGN_QUICK: readonly Scenario[] = [
  design({ faults: 0 }),
  design({ workers: 1, faults: 2 }),
  design({ workers: 1, faults: 2, rotation: true }),
  design({ workers: 1, faults: 2, timing: 'none' }),
  design({ workers: 1, faults: 1, revokes: 'vended' }),
  design({ workers: 1, faults: 0, rotation: true, revokes: 'old' }),
  design({ workers: 1, faults: 2, stranger: true }),
];

export const DESIGN_FULL: readonly Scenario[] = [
  design({ workers: 1, faults: 1, rotation: true, revokes: 'old' }),
  design({ workers: 1, faults: 2, revokes: 'vended' }),
  design({ faults: 2 }),
  design({ reconcilers: 2 }),
  design({ faults: 2, rotation: true }),
  design({ faults: 2, timing: 'none' }),
  design({ faults: 2, stranger: true }),
];

export const DESIGN_DEEP: readonly Scenario[] = [
  design({ workers: 3 }),
  design({ workers: 1, faults: 4 }),
  design({ faults: 3 }),
  design({ reconcilers: 2, faults: 2 }),
  design({ reconcilers: 2, timing: 'none' }),
];
