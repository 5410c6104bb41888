/** The protections of the saga, by what each one asks for or forbids. A search may go without any of them. */
export const RULES = {
  ifMatch: 'Every write of the row carries the ETag of the row that it was decided on.',
  ownWrite: 'A writer knows its own unanswered write by its writeId, not by what the row looks like.',
  loserRereads: 'Who loses a compare-and-set reads the row before it does anything else.',
  dueRowFirst: 'The due row is written before the claim, so that whoever dies after the claim is found.',
  confirmClaim: 'Nothing is sent for a claim that the ledger has not confirmed.',
  confirmVended: 'Vended is answered only when the ledger has confirmed it.',
  ambiguousIsUnknown: 'A POST without a clear answer makes the intent unknown; it is not a failure.',
  unknownIsFinal: 'A request that meets an unknown intent mints nothing.',
  leaseCheck: 'Neither the POST nor the store begins unless enough of the lease is left.',
  ambiguousStoreWaits: 'A store without a clear answer is looked for in the vault; its key is not given up.',
  noDeleteAfterStore: 'Once a secret may be in the vault, a silent ledger is no reason to delete the key.',
  recordBeforeDelete: 'The row says compensating before a key is deleted whose secret may have been sent.',
  deleteNeedsProof: 'A 403 on a DELETE is no proof that the key is gone.',
  youngAbsence: 'A 404 on a DELETE, while the key is still propagating, is no proof that it is gone.',
  refusalDecides: 'Where Confluent refused the DELETE the key stays given up: no worker vends it any more.',
  disableOnCompensate: 'A compensation disables what the attempt stored before it closes the attempt.',
  failedIsSwept: 'What lands in the vault after its attempt was closed is disabled later.',
  settle: 'The lease is over only when everything that was sent under it has landed or never will.',
  lookupMustSucceed: 'A failed look-up in the vault is not the answer "none".',
  adoptOnlyLiving: 'The reconciler asks Confluent whether the key lives before it records it as vended.',
  operatorWaits: 'An operator decides only when no POST of the attempt can be under way.',
  markerChecked: 'An operator may name a key only if it carries the marker of the attempt.',
  noneNeedsDeadKeys: 'An operator cannot say "none" while a key lives of which the vault holds a version.',
  supersedeAfterVended: 'A rotation marks the old key as superseded only when the new one is vended.',
  dueUntilSuperseded: 'The due row of a rotation is cleared only when the old key is marked as superseded.',
  sourceRechecked: 'Between its claim and its POST a rotation reads again that the old key is still vended.',
  revokingFirst: 'The row says revoking before the key that it names is deleted.',
  revokedIsProven: 'Revoked is recorded only when the key is proven gone.',
  revokedIsDisabled: 'Revoked is recorded only when everything that was stored for the key is disabled.',
  revokedIsSwept: 'What lands in the vault after its key was revoked is disabled later.',
  unpark: 'Who moves on an intent that was left to an operator notes a due row for it again.',
} as const;

export type RuleName = keyof typeof RULES;
export type Rules = Readonly<Record<RuleName, boolean>>;

export const RULE_NAMES = Object.keys(RULES) as readonly RuleName[];

export const rulesWithout = (...gone: readonly RuleName[]): Rules =>
  Object.fromEntries(RULE_NAMES.map((rule) => [rule, !gone.includes(rule)])) as Rules;

export const ALL_RULES: Rules = rulesWithout();
