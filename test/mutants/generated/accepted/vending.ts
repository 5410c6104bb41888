import { type Accepted, acceptedIn } from './accepted.ts';

const noRetry = acceptedIn(
  'src/vending/saga/compensate.ts',
  'const wait = (retryAt ?? 0) - ctx.clock.now();',
  'The first millisecond of 1970 is as long ago as the second.',
);

const jitless = acceptedIn(
  'src/vending/policy/policy.ts',
  'const parsed = policySchema.safeParse(json.value, { jitless: true });',
  'It makes the start faster, and reads the same policy.',
);

const firstMarks = acceptedIn(
  'src/vending/commands/bulk.ts',
  'const FIRST_MARKS_MS = 15_000;',
  'What is not marked by then is marked by the next run.',
);

const rowsOfACall = acceptedIn(
  'src/vending/commands/filter.ts',
  'export const MAX_ROWS = 999;',
  'One less is as good. One more fails a test.',
);

const pauses = acceptedIn(
  'src/vending/review/bulk.ts',
  "const listed = await ledger.list({ kind: 'bulkchange', within: [bulk], limit: 900 });",
  'Nobody pauses one operation that often.',
);

const bulksOfAPage = acceptedIn(
  'src/vending/review/bulk.ts',
  'const MAX_BULKS = 100;',
  'The next page has the others.',
);

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

const lanesAfterAFailure = acceptedIn(
  'src/vending/commands/bulk.ts',
  'if (!isWhole) return;',
  'A lane that goes on commits nothing.',
);

const noDate = acceptedIn(
  'src/vending/commands/bulk-progress.ts',
  'const rotateAt = current?.rotateAt ?? 0;',
  'The first millisecond of 1970 is as long ago as the second.',
);

const tasks = acceptedIn(
  'src/vending/review/review.ts',
  'const MAX_TASKS = 12;',
  'No credential has so many tasks. It bounds a defect.',
);

const tasksOfAReview = acceptedIn(
  'src/vending/review/review.ts',
  'for (let tasks = 0; tasks < MAX_TASKS; tasks++) {',
  'No credential has so many tasks. It bounds a defect.',
);

const doneWithoutHurry = acceptedIn(
  'src/vending/review/review.ts',
  'const left = dueNow(ctx, means, now).filter((task) => means.isHurried !== true || !done.has(task));',
  'Without hurry nothing that is done is due again at once.',
);

const waitsForAPrune = acceptedIn(
  'src/vending/review/review.ts',
  "const waits = left.some((task) => task !== 'prune' && deferred.has(task));",
  'A credential that may be forgotten has no other task, and this asks for the pause beside another one.',
);

const pruned = acceptedIn(
  'src/vending/review/review.ts',
  "return { kind: (await prune(ctx, row)) ? 'done' : 'open', row };",
  'Forgetting is deferred anyway: nobody asks what it came to.',
);

const youngestDueRow = acceptedIn(
  'src/vending/review/reconcile.ts',
  'const ageMs = oldest === undefined ? 0 : Math.max(0, now - oldest.at);',
  'A row that is listed was due a millisecond ago or longer.',
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

export const ACCEPTED_IN_VENDING: readonly Accepted[] = [
  noRetry('0', '1'),
  jitless('true', 'false'),
  jitless('jitless: true', ''),
  jitless(', { jitless: true }', ''),
  firstMarks('15_000', '30000'),
  firstMarks('15_000', '7500'),
  rowsOfACall('999', '998'),
  bulksOfAPage('100', '101'),
  bulksOfAPage('100', '99'),
  pauses('900', '901'),
  pauses('900', '899'),
  rowsOfATransaction('100', '99'),
  lanes('8', '9'),
  lanes('8', '7'),
  lanesAfterAFailure('!isWhole', 'false'),
  noDate('0', '1'),
  tasks('12', '13'),
  tasks('12', '11'),
  tasksOfAReview('0', '1'),
  tasksOfAReview('tasks < MAX_TASKS', 'tasks <= MAX_TASKS'),
  doneWithoutHurry('means.isHurried !== true || !done.has(task)', '(!done.has(task))'),
  waitsForAPrune("task !== 'prune' && deferred.has(task)", '(deferred.has(task))'),
  pruned('await prune(ctx, row)', 'false'),
  youngestDueRow('0', '1'),
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
  notToGo("recorded.kind === 'not-allowed'", 'false'),
  notToGo(', id', ''),
  somethingLeft("recorded.kind === 'not-allowed'", 'false'),
  somethingLeft(', id', ''),
];
