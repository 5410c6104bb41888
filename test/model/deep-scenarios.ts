import type { Scenario } from './scenarios.ts';

const CURRENT = { have: 'current', attempts: 2, operator: true } as const;
const PREVIOUS = { have: 'previous', attempts: 3, operator: true } as const;
const VAULT = ['replace tags', 'set versions'] as const;

/** Longer: more faults, more reconcilers, more requests. */
export const DEEP: readonly Scenario[] = [
  ['deep: two first vends at once, two reconcilers', { vends: 2, reconcilers: 2, faults: 2, operator: true }],
  ['deep: two first vends at once', { vends: 2, faults: 4, operator: true }],
  ['deep: three first vends, three attempts', { vends: 3, attempts: 3, faults: 2, operator: true }],
  ['deep: rotation', { ...CURRENT, rotations: [1], faults: 5 }],
  ['deep: two rotations, two reconcilers', { ...CURRENT, attempts: 3, rotations: [1, 2], reconcilers: 2, faults: 2 }],
  ['deep: rotation, another, the first one sent again', { ...CURRENT, attempts: 4, rotations: [1, 2, 1] }],
  [
    'deep: rotation and end of the overlap, two reconcilers',
    { ...PREVIOUS, rotations: [1], reconcilers: 2, faults: 3 },
  ],
  [
    'deep: first vend, rotation and revocation',
    { vends: 1, rotations: [1], revocations: 1, attempts: 3, operator: true },
  ],
  [
    'deep: revocation beside two first vends, two reconcilers',
    { vends: 2, revocations: 1, reconcilers: 2, operator: true },
  ],
  ['deep: revocation beside a rotation', { ...CURRENT, rotations: [1], revocations: 1, faults: 2 }],
  ['deep: revocation twice beside a rotation', { ...CURRENT, rotations: [1], revocations: 2 }],
  [
    'deep: revocation beside a rotation, two reconcilers',
    { ...CURRENT, rotations: [1], revocations: 1, reconcilers: 2 },
  ],
  ['deep: revocation beside a rotation sent twice', { ...CURRENT, attempts: 3, rotations: [1, 1], revocations: 1 }],
  ['deep: revocation, rotation and end of the overlap', { ...PREVIOUS, rotations: [1], revocations: 1, faults: 2 }],
  [
    'deep: revocation, rotation, a stranger deletes keys',
    { ...CURRENT, rotations: [1], revocations: 1, faults: 2, strangers: ['delete keys'] },
  ],
  [
    'deep: expiry revokes, beside a rotation, two reconcilers',
    { ...CURRENT, rotations: [1], expiry: true, reconcilers: 2, faults: 2 },
  ],
  [
    'deep: rotations and a revocation, an operator errs',
    { ...CURRENT, rotations: [1], revocations: 1, faults: 3, errs: true },
  ],
  [
    'deep: overlap, rotation and revocation, Confluent answers 403',
    { ...PREVIOUS, rotations: [1], revocations: 1, faults: 2, outage: 'confluent' },
  ],
  [
    'deep: rotation and revocation, the vault is gone',
    { ...CURRENT, rotations: [1], revocations: 1, faults: 2, outage: 'vault' },
  ],
  ['deep: another credential wants the name', { vends: 2, revocations: 1, second: true, faults: 2, operator: true }],
  [
    'deep: no clock: two first vends, two reconcilers',
    { vends: 2, reconcilers: 2, faults: 2, clock: 'none', operator: true },
  ],
  [
    'deep: no clock: revocation beside a rotation',
    { ...CURRENT, rotations: [1], revocations: 1, faults: 2, clock: 'none' },
  ],
  [
    'deep: two first vends, two reconcilers, a stranger replaces tags and sets a version',
    { vends: 2, reconcilers: 2, faults: 2, strangers: [...VAULT], operator: true },
  ],
  [
    'deep: rotation, a stranger does everything',
    { ...CURRENT, rotations: [1], faults: 4, strangers: [...VAULT, 'copy tags', 'delete keys'] },
  ],
  [
    'deep: two rotations, two reconcilers, a stranger replaces tags',
    { ...CURRENT, attempts: 3, rotations: [1, 2], reconcilers: 2, faults: 2, strangers: ['replace tags'] },
  ],
  [
    'deep: rotation and end of the overlap, two reconcilers, a stranger replaces and copies tags',
    { ...PREVIOUS, rotations: [1], reconcilers: 2, faults: 2, strangers: ['replace tags', 'copy tags'] },
  ],
  [
    'deep: revocation beside a rotation, a stranger replaces tags and sets a version',
    { ...CURRENT, rotations: [1], revocations: 1, faults: 2, strangers: [...VAULT] },
  ],
  [
    'deep: revocation, rotation, a stranger replaces tags and deletes keys',
    { ...CURRENT, rotations: [1], revocations: 1, faults: 2, strangers: ['replace tags', 'delete keys'] },
  ],
  [
    'deep: rotations, a stranger replaces tags, an operator errs',
    { ...CURRENT, attempts: 3, rotations: [1, 2], faults: 3, errs: true, strangers: ['replace tags'] },
  ],
  [
    'deep: rotation and revocation, a stranger replaces tags, the vault is gone',
    { ...CURRENT, rotations: [1], revocations: 1, faults: 2, outage: 'vault', strangers: ['replace tags'] },
  ],
  [
    'deep: the row is lost, rotation and revocation',
    { ...CURRENT, attempts: 3, rotations: [1], revocations: 1, lost: 'gone' },
  ],
  [
    'deep: the row goes back, revocation of current and previous, rotation',
    { ...PREVIOUS, attempts: 4, rotations: [1], revocations: 1, lost: 'back' },
  ],
  [
    'deep: the row goes back, two rotations, a stranger replaces tags',
    { ...CURRENT, attempts: 3, rotations: [1, 2], faults: 2, lost: 'back', strangers: ['replace tags'] },
  ],
  [
    'deep: no clock: revocation beside a rotation, a stranger replaces tags',
    { ...CURRENT, rotations: [1], revocations: 1, clock: 'none', strangers: ['replace tags'] },
  ],
  [
    'deep: two rotations, the first one sent again, two reconcilers',
    { ...CURRENT, attempts: 3, rotations: [1, 2, 1], reconcilers: 2 },
  ],
  [
    'deep: rotation sent twice, an operator errs',
    { ...CURRENT, attempts: 3, rotations: [1, 1], faults: 3, errs: true },
  ],
  [
    'deep: rotation sent twice, a stranger deletes keys',
    { ...CURRENT, attempts: 3, rotations: [1, 1], faults: 2, strangers: ['delete keys'] },
  ],
  [
    'deep: the row goes back, rotation sent twice',
    { ...CURRENT, attempts: 3, rotations: [1, 1], faults: 2, lost: 'back' },
  ],
  [
    'deep: rotation, a stranger forges tags and does everything else',
    { ...CURRENT, rotations: [1], faults: 3, strangers: ['forge tags', ...VAULT, 'copy tags', 'delete keys'] },
  ],
  [
    'deep: revocation beside a rotation, a stranger forges tags',
    { ...CURRENT, rotations: [1], revocations: 1, faults: 2, strangers: ['forge tags'] },
  ],
  [
    'deep: rotation, a stranger forges tags, Confluent answers 403',
    { ...CURRENT, rotations: [1], faults: 2, outage: 'confluent', strangers: ['forge tags'] },
  ],
  [
    'deep: the row goes back, rotation and revocation, a stranger forges tags',
    { ...CURRENT, attempts: 3, rotations: [1], revocations: 1, faults: 2, lost: 'back', strangers: ['forge tags'] },
  ],
  [
    'deep: the row is lost, a vend and a revocation, the vault is gone',
    { ...CURRENT, attempts: 3, vends: 1, revocations: 1, faults: 2, lost: 'gone', outage: 'vault' },
  ],
  [
    'deep: the overlap is ended early, rotation, two reconcilers',
    { ...PREVIOUS, ends: 2, rotations: [1], reconcilers: 2 },
  ],
  [
    'deep: the overlap is ended early, rotation and revocation',
    { ...PREVIOUS, ends: 1, rotations: [1], revocations: 1 },
  ],
];
