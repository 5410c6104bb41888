import type { Rule } from './rules.ts';

/** Where the harm shows when a condition of the table, or a rule of the actors, is left out alone. */
export const PROOFS: Readonly<Record<Rule, string>> = {
  // conditions of the table
  noCurrent: 'first vend, three attempts',
  noWork: 'two first vends at once',
  noRevocation: 'revocation beside two first vends',
  placeIsSwept: 'no clock: two first vends, policy gives another name',
  hasCurrent: 'rotation beside a first vend',
  noPrevious: 'two rotations',
  isAttempt: 'two first vends at once',
  inPhase: 'first vend, a stranger deletes keys',
  leaseIsOver: 'first vend',
  keysAreOld: 'first vend, keys are young',
  isUnnamed: 'rotation, an operator errs',
  attemptIsFree: 'first vend, an operator errs',
  isRevoked: 'the row is lost, a vend and a revocation, Confluent answers 403',
  hasToGo: 'rotation and revocation, Confluent answers 403',
  isPrevious: 'the overlap is ended early, rotation, sent again',
  overlapIsOver: 'end of the overlap, two reconcilers',
  noRow: 'the row is lost, a vend and a revocation',
  isExpired: 'expiry revokes, beside a rotation',
  // the ledger
  etag: 'first vend',
  ownWrite: 'two first vends at once',
  rereads: 'first vend',
  claimSigned: 'revocation beside a first vend',
  confirmClaim: 'first vend',
  confirmVended: 'first vend',
  requestsRemembered: 'rotation, another, the first one sent again',
  ownClaimFirst: 'rotation',
  requestRowStays: 'rotation sent twice',
  requestRowGoes: 'rotation',
  replayNeedsOutcome: 'rotation sent twice',
  refusalLooksUp: 'rotation sent twice',
  // POST and PUT
  leaseCheck: 'first vend',
  settle: 'first vend',
  ambiguousIsUnknown: 'first vend',
  onePut: 'two rotations',
  ambiguousStoreWaits: 'rotation',
  noDeleteAfterStore: 'first vend',
  ownKeyFound: 'first vend, a stranger forges tags',
  // deletion
  recordBeforeDelete: 'no clock: two first vends',
  deleteNeedsProof: 'first vend',
  youngAbsence: 'first vend',
  acceptedIsNotDone: 'first vend',
  markerBeforeDelete: 'end of the overlap, a stranger forges the row',
  disableCompensated: 'first vend, a stranger deletes keys',
  workKnowsVersion: 'revocation beside a first vend, a stranger replaces tags and sets a version',
  rowBeatsTags: 'end of the overlap, a stranger replaces and copies tags, sets a version',
  sweptAfterFailure: 'no clock: two first vends',
  sweptAfterClose: 'no clock: revocation beside a first vend',
  sweepSparesWork: 'no clock: the overlap is ended early, rotation',
  sweepSparesLiving: 'the row goes back, two rotations',
  sweepNeedsProof: 'the row goes back, two rotations, Confluent answers 403',
  sweepReadsLast: 'two rotations',
  // the reconciler
  lookupMustSucceed: 'rotation',
  goneIsDecided: 'first vend, a stranger deletes keys',
  youngIsNotGone: 'first vend, keys are young',
  adoptOnlyLiving: 'first vend, a stranger deletes keys',
  markerAdopts: 'first vend, a stranger forges tags',
  goneIsAnybodys: 'first vend, a stranger forges tags',
  untaggedDecidesNothing: 'first vend, a stranger replaces tags and sets a version',
  // the overlap
  dateStays: 'end of the overlap, two reconcilers',
  previousProven: 'end of the overlap, two reconcilers',
  previousDisabled: 'end of the overlap, two reconcilers',
  rowKnowsVersion: 'end of the overlap, a stranger replaces and copies tags, sets a version',
  // revocation
  revocationFirst: 'revocation of a current key',
  revokedProven: 'revocation of a current key',
  revokedDisabled: 'revocation of a current key',
  closeAsksVault: 'the row is lost, a vend and a revocation',
  askNeedsProof: 'the row is lost, a vend and a revocation, Confluent answers 403',
  markerAsked: 'revocation beside a first vend, a stranger forges tags',
  // the operator
  markerChecked: 'rotation, an operator errs',
  noneNeedsNoKey: 'the row is lost, rotation',
  markerNamed: 'first vend, a stranger forges tags',
  versionIsShown: 'first vend, a stranger replaces tags and sets a version',
  correctionSparesReaders: 'the row goes back, two rotations',
  wordOnPrevious: 'end of the overlap, Confluent answers 403',
  wordOnDeadAttempt: 'revocation beside a vend, Confluent answers 403',
  wordDisables: 'end of the overlap, a stranger replaces tags, Confluent answers 403',
  wordCloses: 'rotation and revocation, the vault is gone',
  // lost rows and names
  markersUnique: 'the row is lost, two first vends',
  markerBuilds: 'the row is lost, a vend and a revocation, a stranger forges tags',
  recoveryWaits: 'the row is lost during a rotation',
  newestIsCurrent: 'the row is lost while previous lives',
  restIsDeleted: 'the row is lost, a vend and a revocation',
  nameClaimed: 'another credential wants the name',
  nameRowDecides: 'rotation, a stranger replaces tags, Confluent answers 403',
  pruneWaits: 'another credential wants the name, Confluent answers 403',
  pruneAfterClose: 'the row goes back, rotation and revocation, another credential wants the name',
};

/** Fences that stand one behind the other: either may be missing, but not both. */
export const TOGETHER: readonly (readonly [rules: readonly Rule[], title: string])[] = [
  [['checkedLast', 'nothingIsLeft'], 'the row is lost, a vend and a revocation'],
];

/** Rules that no scenario needs, with the reason for each. */
export const COURTESIES: Readonly<Record<Rule, string>> = {
  retryIsDue: 'it paces attempts. What an attempt may do does not depend on when it begins.',
  sweepIsDue:
    'nothing lands after an attempt has ended while clocks are kept. The date gives a worker that sleeps past its lease the time to send what it will.',
  isCurrent:
    'without it a bulk operation would rotate a key that was rotated after its start. That is one rotation more than was asked for.',
  isNotDueSince: 'it keeps a rotation that was asked for from being asked for again.',
  keyIsOpen: 'an attempt mints one key, and its marker is checked. It stops a defect in who names the key.',
  noKeyIsNamed: 'no row in minting or unknown names a key. It says so where the phases are listed.',
  stopsWhenRevoked:
    'the table refuses to record what was sent, so the key is deleted. Less is sent and deleted this way.',
  disablesFirst: 'readers get no secret whose key is dead. What counts is disabled after the DELETE too.',
};
