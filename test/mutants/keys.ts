import { type Mutant, mutantsOf } from './mutant.ts';

const mutant = mutantsOf('src/vending/saga');
const secret = mutantsOf('src/vending/secret');

/** A key is deleted, and counts as gone, only with proof. Each commit writes all that belongs to its credential. */
export const KEY_MUTANTS: readonly Mutant[] = [
  mutant(
    'the row that says compensating',
    "if (work?.phase !== 'compensating' || work.keyId === undefined)",
    'if (work?.keyId === undefined)',
  ),
  mutant(
    'proof of the deletion before the attempt ends',
    "if (deleted.kind !== 'gone') {\n    logNotDeleted(ctx, id, ",
    "if (deleted.kind === 'foreign') {\n    logNotDeleted(ctx, id, ",
  ),
  mutant(
    'disabling what a compensated attempt stored',
    'await disableAttempt(ctx, row.credential, work);',
    "await Promise.resolve({ kind: 'disabled', stored: false } as Awaited<ReturnType<typeof disableAttempt>>);",
  ),
  mutant(
    'the marker before a DELETE',
    "return readMarker(looked.key.spec.description)?.id === key.id ? undefined : { kind: 'foreign' };",
    'return undefined;',
  ),
  mutant(
    'the doubt about a young key that is not found',
    'clock.now() >= mintedBefore + age',
    'clock.now() >= mintedBefore - age',
  ),
  mutant(
    'the look after a DELETE that is refused',
    "return looked.kind === 'found' ? { kind: 'refused', upstream: deleted.upstream } : unproven(looked);",
    "return { kind: 'gone' };",
  ),
  mutant(
    'the versions of current and previous when tags are copied',
    ' &&\n      !isNamedVersion(row, each),\n  );\n  for',
    ',\n  );\n  for',
  ),
  mutant(
    'the ETag of the row that a commit was decided on',
    "{ action: 'replace', value: after, etag: from.etag },",
    "{ action: 'replace', value: after, etag: '*' },",
  ),
  mutant(
    'the due row beside the credential',
    "...(next === undefined ? [] : [rowOf(next.task === 'prune' ? 'prune' : 'due', { id, at: next.at })]),",
    '',
  ),
  mutant('the removal of the due row that was', '    ...left,\n', ''),
  mutant(
    'the claim of the name',
    'after.holdsName && !before?.holdsName ? [rowOf',
    'after.holdsName && before !== undefined ? [rowOf',
  ),
  mutant(
    'freeing the name once nothing is left',
    'before.holdsName && !after.holdsName ? ',
    'before.holdsName && after.closed !== undefined && after.current !== undefined ? ',
  ),
  mutant(
    'the row that makes a rotation one for its idempotency key',
    'if (work?.rotation === undefined || requestHash === undefined',
    'if (work?.rotation === undefined || requestHash !== undefined',
  ),
  mutant(
    'letting a failed rotation be asked for again',
    '...(hasFailedRotation && work.rotation ?',
    '...(hasFailedRotation && after.closed && work.rotation ?',
  ),
  mutant(
    'the audit record in the transaction of its change',
    'const record = isBookkeeping ? [] :',
    'const record = isBookkeeping || change === "revoke" ? [] :',
  ),
  mutant(
    'keeping an event that the topic did not take',
    "if ((await events.publish(event)).kind === 'published') remove([key]);",
    'await events.publish(event).then(() => remove([key]));',
  ),
  mutant(
    'proof that a revoked key is gone',
    "  if (deleted.kind !== 'gone') {\n    logNotDeleted(ctx, row.id, keyId, deleted);",
    "  if (deleted.kind === 'foreign') {\n    logNotDeleted(ctx, row.id, keyId, deleted);",
  ),
  mutant(
    'the previous key in a revocation',
    '    ...(previous === undefined ? [] : [previous]),\n',
    '    ...(previous === undefined || current !== undefined ? [] : [previous]),\n',
  ),
  mutant(
    'disabling the version of a key that is gone',
    "const disabled = first.kind === 'disabled' ? first : await disableVersion(ctx, row, secret.version);\n  if (disabled.kind === 'disabled') return 'gone';",
    "const disabled = { upstream: UNKNOWN_UPSTREAM, first };\n  if (disabled !== undefined) return 'gone';",
  ),
  mutant(
    'the look for living keys that the row does not name',
    'const look = isLast ? await findUnnamedKey(ctx, row.credential) : undefined;',
    "const look: Look | undefined = isLast ? { kind: 'none' } : undefined;",
  ),
  mutant(
    'the doubt about a key that Confluent does not show',
    'const isOver = isHidden(looked) && row.saidGone?.includes(keyId) === true;',
    'const isOver = true;',
  ),
  mutant('the look at a key that left its row by a word alone', '&& row.saidGone?.includes(each.keyId) !== true', ''),
  mutant(
    'the doubt about a key of this life',
    '!of.enabled && of.createdAt < createdAt - timings.retentionMs',
    '!of.enabled',
  ),
  mutant(
    'waiting for the attempt under way before a revocation closes',
    'upstream === undefined && row.credential.work === undefined &&',
    'upstream === undefined &&',
  ),
  mutant(
    'the end of an overlap only with its key',
    "if (retired !== 'gone') return { kind: 'open', row, upstream: retired };",
    "if (retired === 'gone' && previous.keyId === '') return { kind: 'open', row };",
  ),
  secret('the limit of a tag', 'value.slice(0, TAG_VALUE_LIMIT)', 'value'),
  secret('256 as the limit of a tag', 'const TAG_VALUE_LIMIT = 256;', 'const TAG_VALUE_LIMIT = 512;'),
  secret('the doubt about a tag that may have been cut', 'max(TAG_VALUE_LIMIT - 1);', 'max(TAG_VALUE_LIMIT);'),
  secret(
    'the doubt about an address that may have been cut',
    'if (address.length >= TAG_VALUE_LIMIT) return undefined;',
    '',
  ),
  mutant(
    'the rows that come while a batch is being removed',
    '      await removeRows(keys);\n',
    '      await removeRows(keys);\n      waiting = new Set();\n',
  ),
];
