import { TRANSITIONS } from '../../src/vending/model/transitions.ts';

/** Rules of the actors, beside the table. A search may leave out any of them, to see what breaks. */
export const ACTOR_RULES = {
  // the ledger
  etag: 'a write carries the ETag of the row that it was decided on',
  ownWrite: 'an unanswered claim is known by who wrote it, not by what the row looks like',
  rereads: 'after a lost write the row is read before anything else',
  claimSigned: 'a claim is known by the claimId in `work`: a revocation overwrites the writeId of the row',
  confirmClaim: 'nothing is sent for a claim that is not confirmed',
  confirmVended: 'vended is answered only when the ledger confirmed it',
  // the request row of a rotation
  requestsRemembered: 'the claim of a rotation inserts a row for its request key, and conflicts where it is there',
  ownClaimFirst: 'on such a conflict the worker looks for its own claim first: that inserted the request row too',
  requestRowStays: 'the request row stays when the rotation is vended',
  requestRowGoes: 'the commit that ends a rotation without a key deletes the request row',
  replayNeedsOutcome: "a replay is answered as vended only when the attempt's own record says so",
  refusalLooksUp: 'a rotation is not refused for previous or work before its request row was read',
  // POST and PUT
  leaseCheck: 'neither POST nor PUT begins unless enough of the lease is left',
  settle: 'a lease is over only with the settling time after it',
  ambiguousIsUnknown: 'a POST without a clear answer makes the attempt unknown',
  stopsWhenRevoked: 'a worker that reads a revocation sends neither POST nor PUT',
  onePut: 'the PUT is sent once; no client repeats it unless the first provably did nothing',
  ambiguousStoreWaits: 'a PUT without a clear answer is looked for; the key is not discarded',
  noDeleteAfterStore: 'no key is deleted because a commit was lost after its PUT was sent',
  ownKeyFound: 'after an unanswered PUT the worker looks for its own key in the tags, not only for the attempt',
  // deletion
  recordBeforeDelete: 'the row says compensating before the key of an attempt is deleted',
  deleteNeedsProof: 'a 403 on a DELETE proves nothing',
  youngAbsence: 'a 404 or 204 proves nothing while the key is young',
  acceptedIsNotDone: 'a 202 on a DELETE is an acceptance, not an outcome',
  markerBeforeDelete: 'there is no DELETE unless Confluent shows the key with a marker of this credential',
  disableCompensated: 'what an attempt stored is disabled before the attempt is closed',
  workKnowsVersion: 'the version that the work names is disabled too, whatever its tags say',
  rowBeatsTags: 'a version is never disabled by its tags while it is the version of current or previous',
  sweptAfterFailure: 'what lands in the vault after an attempt was closed is swept',
  sweptAfterClose: 'what lands in the vault after the credential was closed is swept',
  sweepSparesWork: 'a sweep spares the versions of the attempt under way',
  sweepSparesLiving: 'a sweep leaves a version whose key is seen alive',
  sweepNeedsProof: 'a sweep disables no version because of a 403, unless the credential is revoked',
  sweepReadsLast: 'a sweep reads the row after it listed the versions, so it knows the attempt of each',
  // the reconciler
  lookupMustSucceed: 'a failed look-up in the vault is never "none"',
  goneIsDecided: 'a look that finds a version whose key is gone decides something',
  youngIsNotGone: 'a key that Confluent does not show is gone only when it is old',
  adoptOnlyLiving: 'only a key that Confluent shows alive is adopted',
  markerAdopts:
    'a version counts only if Confluent shows its key with the marker of the attempt, or the row names the key',
  goneIsAnybodys: 'a key that is gone has no marker: the attempt becomes unknown, it is not closed over such a tag',
  untaggedDecidesNothing: 'while an enabled version has no tags of ours, "none is tagged" is not "none"',
  // the overlap
  disablesFirst: 'a version is disabled before its key is deleted',
  dateStays: 'revokeAt is never moved later',
  previousProven: 'previous leaves the row only when its key is proven gone',
  previousDisabled: 'previous leaves the row only when its version is disabled, if not before the DELETE then after it',
  rowKnowsVersion: 'the version that the row names is disabled, whatever its tags say',
  // revocation
  revocationFirst: 'the row says revocation before anything of it is deleted',
  revokedProven: 'a key leaves the row only when it is proven gone',
  revokedDisabled: 'a key leaves the row only when its version is disabled, if not before the DELETE then after it',
  closeAsksVault: 'before the end the vault is asked for keys that the row does not name',
  askNeedsProof: 'a 403 from Confluent on a key that the vault names is not "gone"',
  markerAsked: "what the vault names is deleted only if its description has this credential's marker",
  // the operator
  markerChecked: 'a key is named only if its description ends in the marker of the attempt',
  noneNeedsNoKey: '"none" is said only if the tags know no key either; a known one is named instead',
  markerNamed: 'a tag with a living key that lacks the marker does not make that key known',
  versionIsShown: "the operator is shown an untagged version, and says whether it is the attempt's",
  correctionSparesReaders: 'a wrong "none" is not corrected with the key that readers have, except under revocation',
  wordOnPrevious: "the operator's word also ends a previous whose date is past",
  wordOnDeadAttempt: 'an operator may also resolve minting or minted where reviews decide nothing',
  wordDisables: "the operator's word on a key disables the version that the row names",
  wordCloses: "the operator's word that nothing is left stands for the look in the vault",
  // lost rows and names
  markersUnique: 'no marker is given twice, whatever the ledger forgot',
  markerBuilds: 'a row is built anew only from keys that have the marker',
  recoveryWaits: 'a row is built anew only when nothing that was begun on the lost one can be under way',
  newestIsCurrent: 'the newest enabled version whose key lives becomes current, the one before it previous',
  restIsDeleted: 'living keys that the row, built anew, does not name are deleted as a wrong "none" is corrected',
  nameClaimed: 'every first claim inserts the name row',
  nameRowDecides: 'a rotation asks no tags whose the name is',
  pruneWaits: 'a row is forgotten only when the sweep is done',
  pruneAfterClose: 'a revocation is forgotten only when it is closed',
} as const;

export type ActorRule = keyof typeof ACTOR_RULES;
/** A rule of the actors, or the name of a condition in the table. */
export type Rule = string;

const isKey = <Keys extends object>(keys: Keys, name: PropertyKey): name is keyof Keys => Object.hasOwn(keys, name);
export const isActorRule = (name: string): name is ActorRule => isKey(ACTOR_RULES, name);
export const RULE_NAMES: readonly ActorRule[] = Object.keys(ACTOR_RULES).filter(isActorRule);

/** The names of all conditions of the table. */
export const CONDITIONS: readonly string[] = [
  ...new Set(Object.values(TRANSITIONS).flatMap(({ requires }) => Object.keys(requires))),
];

export type Rules = Readonly<Record<ActorRule, boolean>>;

const isWhole = (rules: Partial<Rules>): rules is Rules => RULE_NAMES.every((name) => rules[name] !== undefined);

/** @returns which rules hold when these are left out */
export function rulesWithout(off: readonly Rule[]): Rules {
  const rules: Partial<Record<ActorRule, boolean>> = {};
  for (const name of RULE_NAMES) rules[name] = !off.includes(name);
  if (!isWhole(rules)) throw new Error('A rule has no name.');
  return rules;
}

/** What a rule says. */
export const textOf = (rule: Rule): string => (isActorRule(rule) ? ACTOR_RULES[rule] : `the table requires ${rule}`);
