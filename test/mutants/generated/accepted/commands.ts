import { type Accepted, acceptedIn } from './accepted.ts';

const rowsOfATransaction = acceptedIn(
  'src/vending/commands/bulk.ts',
  'const MAX_BATCH = 100;',
  'One less is as good. One more fails a test.',
);

const lanes = acceptedIn(
  'src/vending/commands/bulk.ts',
  'const LANES = 8;',
  'Seven or nine transactions at once are as good.',
);

const noDate = acceptedIn(
  'src/vending/commands/bulk-progress.ts',
  'const rotateAt = current?.rotateAt ?? 0;',
  'The first millisecond of 1970 is as long ago as the second.',
);

const closedIsRevoked = acceptedIn(
  'src/vending/commands/recovery/recover-credential.ts',
  'current === undefined && work === undefined && revocation === undefined && closed === undefined;',
  'A credential that is closed is revoked.',
);

const untaggedVersion = acceptedIn(
  'src/vending/commands/recovery/recovery-keys.ts',
  'const attemptOf = ({ tags }: VersionMetadata): number => readTags(tags)?.attempt ?? 0;',
  'Nobody knows which of two versions of one second is newer where one has no attempt.',
);

const order = acceptedIn(
  'src/vending/commands/recovery/recover.ts',
  '.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));',
  'A sort asks for the sign alone, and a vault has no name twice.',
);

const rowsOfAPage = acceptedIn(
  'src/vending/commands/list.ts',
  'export const MAX_SCAN = 5_000;',
  'A page may look at more rows or fewer. Only that there is a bound matters.',
);

const readsAtOnce = acceptedIn(
  'src/vending/commands/list.ts',
  'const READS_AT_ONCE = 50;',
  'One more or one less at once is as good.',
);

const lastReadOfAPage = acceptedIn(
  'src/vending/commands/list.ts',
  'for (let seen = 0; seen + MAX_ROWS <= MAX_SCAN; length = MAX_ROWS) {',
  'Whole reads never fill the bound exactly.',
);

const unreadableBefore = acceptedIn(
  'src/vending/commands/list.ts',
  'if (rows.length === limit) return { rows, unreadable: unreadable.filter((id) => id < value.id), next: value.id };',
  'The row itself can be read.',
);

const openRowsCounted = acceptedIn(
  'src/vending/commands/open.ts',
  'const MAX_COUNTED = 1_000;',
  'Five hundred that wait for a person are as bad as a thousand.',
);

const ruleOfARotation = acceptedIn(
  'src/vending/commands/rotate.ts',
  "return { kind: 'previewed', preview: previewOf('rotate', 'mint', { ...credential, grant }, dates) };",
  'The rule stays the same, and a preview shows nothing else of a grant.',
);

const minutes = acceptedIn(
  'src/vending/commands/recovery/recover-credential.ts',
  'const MINUTE_MS = 60_000;',
  'Half minutes, and pairs of them, are more than any credential had commits too.',
);

const secretsOfACall = acceptedIn(
  'src/vending/commands/recovery/recover.ts',
  'const MAX_SECRETS = 100;',
  'They are looked at by five, so this bounds the call alike.',
);

const noRetryOfARotation = acceptedIn(
  'src/vending/commands/plan-rotate.ts',
  'const wait = (failure?.retryAt ?? 0) - now;',
  'The first millisecond of 1970 is as long ago as the second.',
);

const noRetryOfAVend = acceptedIn(
  'src/vending/commands/plan-vend.ts',
  'const wait = (failure?.retryAt ?? 0) - now;',
  'The first millisecond of 1970 is as long ago as the second.',
);

const samePlace = acceptedIn(
  'src/vending/commands/plan-vend.ts',
  'a.vaultUrl === b.vaultUrl && a.secretName === b.secretName;',
  'A request that comes again has the name that it had. The claim would refuse another one too.',
);

const firstFailure = acceptedIn(
  'src/vending/commands/outcome.ts',
  'const failure = { ...result, attempt, failed: PROBLEMS[problem.type].status >= 500 };',
  'No problem has the status 499.',
);

const keyOfAnOpenAttempt = acceptedIn(
  'src/vending/commands/resolve-attempt.ts',
  'const known = work.keyId ?? stored.keyId;',
  'In these phases the row names no key. The commit would refuse it too.',
);

const notToGo = acceptedIn(
  'src/vending/commands/resolve.ts',
  "if (recorded.kind === 'not-allowed') return failed(NOT_TO_GO, id);",
  'The same row was asked before, so it allows the commit.',
);

const somethingLeft = acceptedIn(
  'src/vending/commands/resolve.ts',
  "if (recorded.kind === 'not-allowed') return failed(SOMETHING_LEFT, id);",
  'The same row was asked before, so it allows the commit.',
);

const revokedAlready = acceptedIn(
  'src/vending/commands/revoke.ts',
  'if (row.credential.revocation !== undefined) return goOn(ctx, row);',
  'A row that is revoked does not allow it again, without a call, and is gone on with alike.',
);

const closedAlready = acceptedIn(
  'src/vending/commands/revoke.ts',
  "if (row.credential.closed !== undefined) return { kind: 'revoked', credential: row.credential };",
  'What follows finds nothing to do, and answers the same.',
);

export const ACCEPTED_IN_COMMANDS: readonly Accepted[] = [
  rowsOfATransaction('100', '99'),
  lanes('8', '9'),
  lanes('8', '7'),
  noDate('0', '1'),
  closedIsRevoked(
    'current === undefined && work === undefined && revocation === undefined && closed === undefined',
    '(current === undefined && work === undefined && revocation === undefined)',
  ),
  untaggedVersion('0', '1'),
  order('keyOf(a) < keyOf(b)', 'keyOf(a) <= keyOf(b)'),
  order('1', '2'),
  rowsOfAPage('5_000', '10000'),
  rowsOfAPage('5_000', '2500'),
  readsAtOnce('50', '51'),
  readsAtOnce('50', '49'),
  lastReadOfAPage('seen + MAX_ROWS <= MAX_SCAN', 'seen + MAX_ROWS < MAX_SCAN'),
  unreadableBefore('id < value.id', 'id <= value.id'),
  openRowsCounted('1_000', '2000'),
  openRowsCounted('1_000', '500'),
  ruleOfARotation(', grant', ''),
  minutes('60_000', '120000'),
  minutes('60_000', '30000'),
  secretsOfACall('100', '99'),
  noRetryOfARotation('0', '1'),
  noRetryOfAVend('0', '1'),
  samePlace('a.vaultUrl === b.vaultUrl && a.secretName === b.secretName', '(a.vaultUrl === b.vaultUrl)'),
  firstFailure('500', '499'),
  keyOfAnOpenAttempt('work.keyId ?? stored.keyId', '(stored.keyId)'),
  revokedAlready('row.credential.revocation !== undefined', 'false'),
  closedAlready('row.credential.closed !== undefined', 'false'),
  notToGo("recorded.kind === 'not-allowed'", 'false'),
  notToGo(', id', ''),
  somethingLeft("recorded.kind === 'not-allowed'", 'false'),
  somethingLeft(', id', ''),
];
