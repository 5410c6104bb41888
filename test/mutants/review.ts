import { type Mutant, mutantsOf } from './mutant.ts';

const mutant = mutantsOf('src/vending/review');

/** The reconciler decides only with proof, and what it cannot decide holds up nothing. */
export const REVIEW_MUTANTS: readonly Mutant[] = [
  mutant(
    'telling a failed look at the vault from an empty one',
    "if (listed.kind === 'unavailable') return { kind: 'open', row, upstream: listed.upstream };\n  const decision =",
    "if (listed.kind === 'unavailable') return recoverAttempt({ ...ctx, vault: { ...ctx.vault, listVersions: async () => ({ kind: 'listed', versions: [] }) } }, row);\n  const decision =",
  ),
  mutant(
    'telling a key that is gone from one that Confluent does not show',
    "if (looked.kind !== 'found') return { kind: 'undecided', upstream: looked.upstream };\n    if (!carriesMarker",
    "if (looked.kind !== 'found') continue;\n    if (!carriesMarker",
  ),
  mutant(
    'the marker of a key that is vended for a dead worker',
    'if (!carriesMarker(row, work, looked.key.spec.description)) continue;',
    '',
  ),
  mutant(
    'the revocation when a dead worker is recovered',
    'return row.revocation === undefined\n      ?',
    'return row.id !== ""\n      ?',
  ),
  mutant(
    'the doubt that a version without tags leaves',
    'return unattributedVersions(row, versions).length > 0 ?',
    'return unattributedVersions(row, versions).length > 9 ?',
  ),
  mutant(
    'members of a bulk operation with a later date than its own',
    'createdAt > bulk.createdAt + timings.retentionMs / 2;',
    'createdAt > bulk.createdAt && timings.retentionMs > 0;',
  ),
  mutant(
    'the doubt that a clock ahead of the worker leaves',
    "if (!isOld(ctx, work)) return { kind: 'undecided', upstream: looked.upstream };",
    '',
  ),
  mutant(
    'the same doubt under a revocation',
    'return secret !== undefined || isOld(ctx, work) ? discard',
    'return row.id !== "" ? discard',
  ),
  mutant(
    'adopting a stored key',
    'if (secret !== undefined && carriesMarker(row, work, looked.key.spec.description))',
    'if (secret !== undefined && row.id === "")',
  ),
  mutant(
    'the sweep that waits for a living key of ours',
    'if (living !== undefined && !hasLostReaders && !isBeingRevoked(credential))',
    'if (living !== undefined && credential.id === "")',
  ),
  mutant(
    'the ETag that guards what is forgotten',
    "{ credential: { action: 'replace', value: credential, etag: guard }, remove }",
    '{ remove }',
  ),
  mutant(
    'the doubt about a minted key that is too young to be seen',
    'clock.now() >= keysAreOldFrom(work, { timings });',
    'clock.now() >= work.leaseUntil + timings.settleMs;',
  ),
  mutant(
    'the turn of every due task',
    'now = result.row;\n',
    "now = result.row;\n    if (result.kind === 'open') break;\n",
  ),
  mutant(
    'backing off',
    'if (left.some((task) => !deferred.has(task))) await backOff(ctx, now, upstream, waits ? FIRST_PAUSE_MS : undefined);',
    'void [left, backOff, waits];',
  ),
  mutant(
    'sparing a version whose key is seen alive',
    "if (looked.kind === 'found') {",
    "if (looked.kind === 'found' && tagged.attempt === 0) {",
  ),
  mutant(
    'sparing what the row names',
    'isNamedVersion(row, version) || isOfNamedAttempt(row, tagged) ? undefined : tagged;',
    'tagged;',
  ),
  mutant(
    'reading the row again after the versions were listed',
    'hasSuspects ? await readAgain(ctx, row) : undefined;',
    'undefined;',
  ),
  mutant("sparing another credential's versions", 'tagged?.id !== row.id) return', 'tagged === undefined) return'),
  mutant(
    'a rule that still grants a rotation nobody asked for',
    "rotationGrantOf(terms, row.credential).kind === 'denied';",
    'rotationGrantOf(terms, row.credential).kind === undefined;',
  ),
  mutant(
    'vault and name against policy at a rotation',
    "if ((grant.vaultUrl ?? defaultVaultUrl) !== row.vaultUrl) return { kind: 'denied', for: 'place' };",
    '',
  ),
  mutant(
    'keeping a rotation due that the bus did not take',
    "if (sent.kind === 'not-sent') {",
    "if (sent.kind === 'not-sent' && slot === 0) {",
  ),
  mutant('the time that whoever committed has to publish', 'iso(now - GRACE_PERIOD_MS)', 'iso(now + GRACE_PERIOD_MS)'),
  mutant(
    'keeping an event that the topic did not take from the reconciler',
    "if (outcome.kind === 'published') {",
    'if (outcome.kind !== undefined) {',
  ),
  mutant(
    'what is urgent before what only has to be forgotten',
    "hasTime: hasTimeUntil(LAST_REVIEW_AFTER_MS) }, 'due', start, bounds);",
    "hasTime: hasTimeUntil(LAST_REVIEW_AFTER_MS) }, 'prune', start, bounds);",
  ),
  mutant('the bound of a run', 'ctx.clock.now() - start < ms;', 'ctx.clock.now() - start >= 0;'),
  mutant('putting aside a row that cannot be read', '      return putAside(ctx, due);\n', '      return;\n'),
];
