import type { Bounds } from './setting.ts';

export type Scenario = readonly [title: string, bounds: Bounds];

const CURRENT = { have: 'current', attempts: 2, operator: true } as const;
const PREVIOUS = { have: 'previous', attempts: 3, operator: true } as const;
const VAULT = ['replace tags', 'set versions'] as const;

/** In a few minutes. Bounds that a scenario does not name: one reconciler, one fault, two attempts, clocks that are kept. */
export const QUICK: readonly Scenario[] = [
  ['first vend, nothing fails', { vends: 1, faults: 0 }],
  ['first vend', { vends: 1, faults: 2, operator: true }],
  ['two first vends at once', { vends: 2, faults: 2, operator: true }],
  ['first vend, two reconcilers', { vends: 1, reconcilers: 2, faults: 2, operator: true }],
  ['first vend, three attempts', { vends: 3, attempts: 3, operator: true }],
  ['first vend, a stranger deletes keys', { vends: 1, faults: 2, strangers: ['delete keys'], operator: true }],
  ['first vend, an operator errs', { vends: 2, faults: 2, errs: true, operator: true }],
  ['rotation', { ...CURRENT, rotations: [1], faults: 2 }],
  ['rotation, two reconcilers', { ...CURRENT, rotations: [1], reconcilers: 2, faults: 2 }],
  ['rotation sent twice', { ...CURRENT, attempts: 3, rotations: [1, 1] }],
  ['two rotations', { ...CURRENT, attempts: 3, rotations: [1, 2] }],
  ['rotation, another, the first one sent again', { ...CURRENT, attempts: 4, rotations: [1, 2, 1], faults: 0 }],
  ['rotation beside a first vend', { vends: 1, rotations: [1], attempts: 3, operator: true }],
  ['rotation while previous lives, end of the overlap', { ...PREVIOUS, rotations: [1], faults: 2 }],
  ['end of the overlap, two reconcilers', { ...PREVIOUS, reconcilers: 2, faults: 3 }],
  ['rotation beside the end of the overlap, two reconcilers', { ...PREVIOUS, rotations: [1], reconcilers: 2 }],
  ['rotation, a stranger deletes keys', { ...CURRENT, attempts: 3, rotations: [1, 2], strangers: ['delete keys'] }],
  ['rotation, an operator errs', { ...CURRENT, attempts: 3, rotations: [1, 2], faults: 2, errs: true }],
  ['revocation of a current key', { ...CURRENT, revocations: 1, faults: 3 }],
  ['revocation twice at once', { ...CURRENT, revocations: 2, faults: 2 }],
  ['revocation of current and previous, overlap ends', { ...PREVIOUS, revocations: 1, faults: 2 }],
  ['revocation twice beside the end of the overlap', { ...PREVIOUS, revocations: 2 }],
  ['revocation beside a first vend', { vends: 1, revocations: 1, faults: 2, operator: true }],
  ['revocation beside two first vends', { vends: 2, revocations: 1, operator: true }],
  ['revocation beside a rotation', { ...CURRENT, rotations: [1], revocations: 1 }],
  ['revocation, rotation and end of the overlap', { ...PREVIOUS, rotations: [1], revocations: 1 }],
  ['expiry revokes, beside a rotation', { ...CURRENT, rotations: [1], expiry: true }],
  ['revocation beside a vend, an operator errs', { vends: 1, revocations: 1, faults: 2, errs: true, operator: true }],
  [
    'revocation beside a vend, Confluent answers 403',
    { vends: 1, revocations: 1, outage: 'confluent', operator: true },
  ],
  [
    'rotation and revocation, Confluent answers 403',
    { ...CURRENT, rotations: [1], revocations: 1, outage: 'confluent' },
  ],
  ['end of the overlap, Confluent answers 403', { ...PREVIOUS, faults: 2, outage: 'confluent' }],
  ['rotation and revocation, the vault is gone', { ...CURRENT, rotations: [1], revocations: 1, outage: 'vault' }],
  ['another credential wants the name', { vends: 2, revocations: 1, second: true, operator: true }],
  [
    'another credential wants the name, Confluent answers 403',
    { vends: 1, revocations: 1, second: true, faults: 2, outage: 'confluent', operator: true },
  ],
  [
    'first vend, a stranger replaces tags and sets a version',
    { vends: 1, faults: 3, strangers: [...VAULT], operator: true },
  ],
  [
    'first vend, a stranger replaces tags and sets a version, an operator errs',
    { vends: 1, faults: 3, errs: true, strangers: [...VAULT], operator: true },
  ],
  [
    'two first vends, a stranger replaces tags and sets a version',
    { vends: 2, faults: 2, strangers: [...VAULT], operator: true },
  ],
  [
    'rotation, a stranger replaces tags, sets a version, deletes keys',
    { ...CURRENT, rotations: [1], faults: 2, strangers: [...VAULT, 'delete keys'] },
  ],
  [
    'two rotations, a stranger replaces tags and sets a version',
    { ...CURRENT, attempts: 3, rotations: [1, 2], strangers: [...VAULT] },
  ],
  ['rotation, a stranger copies tags', { ...CURRENT, rotations: [1], faults: 2, strangers: ['copy tags'] }],
  [
    'end of the overlap, a stranger replaces and copies tags, sets a version',
    { ...PREVIOUS, faults: 3, strangers: [...VAULT, 'copy tags'] },
  ],
  [
    'end of the overlap, a stranger replaces tags, Confluent answers 403',
    { ...PREVIOUS, faults: 3, outage: 'confluent', strangers: ['replace tags'] },
  ],
  [
    'rotation, a stranger replaces tags, Confluent answers 403',
    { ...CURRENT, rotations: [1], faults: 2, outage: 'confluent', strangers: [...VAULT] },
  ],
  [
    'revocation of current and previous, a stranger replaces tags and sets a version',
    { ...PREVIOUS, revocations: 1, faults: 2, strangers: [...VAULT] },
  ],
  [
    'revocation beside a first vend, a stranger replaces tags and sets a version',
    { vends: 1, revocations: 1, faults: 2, strangers: [...VAULT], operator: true },
  ],
  [
    'revocation beside a rotation, a stranger replaces tags',
    { ...CURRENT, rotations: [1], revocations: 1, strangers: ['replace tags'] },
  ],
  [
    'another credential wants the name, a stranger replaces tags and sets a version',
    { vends: 1, revocations: 1, second: true, faults: 2, strangers: [...VAULT], operator: true },
  ],
  ['the row is lost, two first vends', { vends: 2, attempts: 3, lost: 'gone', operator: true }],
  ['the row is lost, rotation', { ...CURRENT, attempts: 3, rotations: [1], lost: 'gone' }],
  ['the row is lost, a vend and a revocation', { ...CURRENT, attempts: 3, vends: 1, revocations: 1, lost: 'gone' }],
  ['the row is lost during a rotation', { ...CURRENT, attempts: 3, rotations: [1], faults: 2, lost: 'midway' }],
  ['the row is lost while previous lives', { ...PREVIOUS, faults: 2, lost: 'midway' }],
  [
    'the row is lost while previous lives, a stranger forges tags',
    { ...PREVIOUS, faults: 3, lost: 'gone', strangers: ['forge tags', 'delete keys'] },
  ],
  ['the row goes back, two rotations', { ...CURRENT, attempts: 3, rotations: [1, 2], lost: 'back' }],
  [
    'the row goes back, two rotations, Confluent answers 403',
    { ...CURRENT, attempts: 3, rotations: [1, 2], faults: 2, lost: 'back', outage: 'confluent' },
  ],
  [
    'the row goes back, rotation and revocation',
    { ...CURRENT, attempts: 3, rotations: [1], revocations: 1, lost: 'back' },
  ],
  [
    'the row is lost, a vend and a revocation, Confluent answers 403',
    { ...CURRENT, attempts: 3, vends: 1, revocations: 1, faults: 2, lost: 'gone', outage: 'confluent' },
  ],
  [
    'the row goes back, rotation and revocation, another credential wants the name',
    { ...CURRENT, attempts: 3, rotations: [1], revocations: 1, second: true, lost: 'back' },
  ],
  ['rotation sent three times, an operator errs', { ...CURRENT, attempts: 3, rotations: [1, 1, 1], errs: true }],
  ['rotation sent twice, revocation', { ...CURRENT, rotations: [1, 1], revocations: 1 }],
  [
    'rotation sent twice, Confluent answers 403',
    { ...CURRENT, attempts: 3, rotations: [1, 1], faults: 2, outage: 'confluent' },
  ],
  ['first vend, a stranger forges tags', { vends: 1, faults: 2, strangers: ['forge tags'], operator: true }],
  [
    'first vend, a stranger forges tags, an operator errs',
    { vends: 1, faults: 3, errs: true, strangers: ['forge tags'], operator: true },
  ],
  [
    'rotation, a stranger forges tags and deletes keys',
    { ...CURRENT, rotations: [1], faults: 2, strangers: ['forge tags', 'delete keys'] },
  ],
  [
    'revocation beside a first vend, a stranger forges tags',
    { vends: 1, revocations: 1, faults: 2, strangers: ['forge tags'], operator: true },
  ],
  ['end of the overlap, a stranger forges tags', { ...PREVIOUS, faults: 3, strangers: ['forge tags'] }],
  [
    'revocation of current and previous, a stranger forges tags',
    { ...PREVIOUS, revocations: 1, faults: 2, strangers: ['forge tags'] },
  ],
  [
    'the row is lost, a vend and a revocation, a stranger forges tags',
    { ...CURRENT, attempts: 3, vends: 1, revocations: 1, faults: 2, lost: 'gone', strangers: ['forge tags'] },
  ],
  ['the overlap is ended early', { ...PREVIOUS, ends: 1, reconcilers: 2, faults: 2 }],
  ['the overlap is ended early, rotation, sent again', { ...PREVIOUS, ends: 2, rotations: [1] }],
  ['the overlap is ended early, revocation', { ...PREVIOUS, ends: 1, revocations: 1, reconcilers: 2 }],
  ['rotation, its overlap is ended early', { ...CURRENT, ends: 1, rotations: [1], faults: 2 }],
  ['no clock: two first vends', { vends: 2, faults: 2, clock: 'none', operator: true }],
  ['no clock: rotation', { ...CURRENT, rotations: [1], faults: 2, clock: 'none' }],
  ['no clock: end of the overlap', { ...PREVIOUS, faults: 2, clock: 'none' }],
  ['no clock: revocation beside a first vend', { vends: 1, revocations: 1, faults: 2, clock: 'none', operator: true }],
  ['no clock: revocation beside a rotation', { ...CURRENT, rotations: [1], revocations: 1, clock: 'none' }],
  [
    'no clock: rotation, a stranger replaces tags and sets a version',
    { ...CURRENT, rotations: [1], faults: 2, clock: 'none', strangers: [...VAULT] },
  ],
  [
    'no clock: revocation beside a first vend, a stranger replaces tags',
    { vends: 1, revocations: 1, faults: 2, clock: 'none', strangers: ['replace tags'], operator: true },
  ],
  [
    'no clock: rotation, a stranger forges tags',
    { ...CURRENT, rotations: [1], faults: 2, clock: 'none', strangers: ['forge tags'] },
  ],
  ['no clock: the overlap is ended early, rotation', { ...PREVIOUS, ends: 1, rotations: [1], clock: 'none' }],
  ['first vend, keys are young', { vends: 1, youth: true, faults: 3, operator: true }],
  ['rotation and end of the overlap, keys are young', { ...PREVIOUS, rotations: [1], youth: true, faults: 2 }],
  [
    'revocation beside a first vend, keys are young',
    { vends: 1, revocations: 1, youth: true, faults: 2, operator: true },
  ],
  ['no clock: two first vends, policy gives another name', { vends: 2, moves: true, clock: 'none', operator: true }],
  [
    'rotation beside a first vend, another credential wants the name',
    { vends: 1, rotations: [1], attempts: 3, second: true, operator: true },
  ],
  ['end of the overlap, a stranger forges the row', { ...PREVIOUS, faults: 1, strangers: ['forge rows'] }],
  [
    'revocation beside a first vend, a stranger forges the row',
    { vends: 1, revocations: 1, faults: 2, strangers: ['forge rows'], operator: true },
  ],
];
