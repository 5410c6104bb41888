import { type Accepted, acceptedIn } from './accepted.ts';

const noRetry = acceptedIn(
  'src/vending/saga/compensate.ts',
  'const wait = (retryAt ?? 0) - ctx.clock.now();',
  'The first millisecond of 1970 is as long ago as the second.',
);

const noWait = acceptedIn(
  'src/vending/saga/compensate.ts',
  'return failedWith(work, answer ?? (wait > 0 ? { ...why, retryAfterMs: wait } : why));',
  'A wait of a millisecond is as good as none.',
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

const attemptsOfAPage = acceptedIn(
  'src/vending/saga/unnamed-keys.ts',
  'const ATTEMPTS_OF_A_PAGE = 1_000;',
  'All pages are read.',
);

const bulksOfAPage = acceptedIn(
  'src/vending/review/bulk.ts',
  'const MAX_BULKS = 100;',
  'The next page has the others.',
);

const hasSource = acceptedIn(
  'src/vending/events/incoming.ts',
  'event.id !== undefined && event.source !== undefined;',
  'An event with a source has an id.',
);

const host = acceptedIn(
  'src/vending/events/key-vault.ts',
  String.raw`const SECRET_ID = /^(https:\/\/[A-Za-z0-9.-]{1,64})\/secrets\/([0-9A-Za-z-]{1,127})\/([0-9A-Fa-f]{32})$/;`,
  'The pattern of a vault refuses a longer host after it.',
);

const vaultName = acceptedIn(
  'src/vending/events/key-vault.ts',
  String.raw`const vaultName = /^https:\/\/([^.]*)\./.exec(vaultUrl)?.[1];`,
  'The URL of a vault begins so. Another one is refused before.',
);

const bySign = acceptedIn(
  'src/vending/request/request.ts',
  'return a < b ? -1 : 1;',
  'Only the sign counts, and no two names are the same.',
);

const end = acceptedIn(
  'src/vending/request/strict-json.ts',
  'for (let at = 0; at < json.length; at += 1) {',
  'Behind the end stands no character.',
);

const AS_LONG_AGO = 'The first millisecond of 1970 is as long ago as the second.';
const retryAt = acceptedIn('src/vending/model/conditions.ts', 'now >= (failure?.retryAt ?? 0);', AS_LONG_AGO);
const sweptAt = acceptedIn(
  'src/vending/model/due.ts',
  "yield { task: 'prune', at: Math.max(since + timings.retentionMs, sweepAt ?? 0) };",
  AS_LONG_AGO,
);
const sweepAt = acceptedIn(
  'src/vending/model/transition.ts',
  "export const sweepTime = ({ sweepAt = 0 }: Pick<Credential, 'sweepAt'>, { now, timings }: Moment): number =>",
  AS_LONG_AGO,
);

const longestPause = acceptedIn(
  'src/vending/model/row-parts.ts',
  "type === 'vault-refused' ? Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(streak - 1, 10)) : 0;",
  'The longest pause is reached before.',
);

const firstAttempt = acceptedIn(
  'src/vending/model/row-parts.ts',
  'const isNewest = attempt > (row.current?.attempt ?? 0);',
  'The first attempt is no rotation, and only of a rotation this is asked.',
);

const lowerHost = acceptedIn(
  'src/vending/model/rows.ts',
  'return [new URL(vaultUrl).host.toLowerCase(), secretName.toLowerCase()];',
  'A URL has its host in lower case.',
);

const noStatus = acceptedIn(
  'src/vending/saga/unnamed-keys.ts',
  'export function isHidden({ kind, upstream: { status = 0, code } }: GetKeyOutcome): boolean {',
  'Neither is a status.',
);

const ONE_BY_ONE = 'No commit puts one attempt in the place of another.';
const goesOn = acceptedIn(
  'src/vending/saga/changes.ts',
  "if (after.work !== undefined && isSameAttempt(after.work, work)) return 'open';",
  ONE_BY_ONE,
);
const begins = acceptedIn(
  'src/vending/saga/changes.ts',
  'const began = after.work !== undefined && (before?.work === undefined || !isSameAttempt(before.work, after.work));',
  ONE_BY_ONE,
);
const claims = acceptedIn(
  'src/vending/saga/changes.ts',
  '...(before === undefined && after.work === undefined ? recoveredAttempts(after) : []),',
  'A first claim has no keys whose attempts could be recovered.',
);

const REFUSED_BEFORE = 'A duration that cannot be read is refused anyway.';
const duration = acceptedIn(
  'src/vending/request/validation.ts',
  'const ms = parseDuration(text) ?? 0;',
  REFUSED_BEFORE,
);
const overlap = acceptedIn(
  'src/vending/policy/policy-schema.ts',
  'const overlapMs = overlap === undefined ? DEFAULT_OVERLAP_MS : (parseDuration(overlap) ?? 0);',
  REFUSED_BEFORE,
);
const maxOverlap = acceptedIn(
  'src/vending/policy/policy-schema.ts',
  "if ((parseDuration(maxOverlap) ?? 0) < overlapMs) refuse('maxOverlap', 'must not be shorter than the overlap');",
  REFUSED_BEFORE,
);
const rotateEvery = acceptedIn(
  'src/vending/policy/policy-schema.ts',
  'if (rotateEvery !== undefined && (parseDuration(rotateEvery) ?? 0) <= overlapMs)',
  REFUSED_BEFORE,
);

export const ACCEPTED_IN_VENDING: readonly Accepted[] = [
  noRetry('0', '1'),
  noWait('0', '1'),
  jitless('true', 'false'),
  jitless('jitless: true', ''),
  jitless(', { jitless: true }', ''),
  firstMarks('15_000', '30000'),
  firstMarks('15_000', '7500'),
  rowsOfACall('999', '998'),
  attemptsOfAPage('1_000', '2000'),
  attemptsOfAPage('1_000', '500'),
  bulksOfAPage('100', '101'),
  bulksOfAPage('100', '99'),
  pauses('900', '901'),
  pauses('900', '899'),
  hasSource('event.id !== undefined && event.source !== undefined', '(event.source !== undefined)'),
  host(
    String.raw`/^(https:\/\/[A-Za-z0-9.-]{1,64})\/secrets\/([0-9A-Za-z-]{1,127})\/([0-9A-Fa-f]{32})$/`,
    String.raw`/^(https:\/\/[A-Za-z0-9.-]*)\/secrets\/([0-9A-Za-z-]{1,127})\/([0-9A-Fa-f]{32})$/`,
  ),
  vaultName(String.raw`/^https:\/\/([^.]*)\./`, String.raw`/https:\/\/([^.]*)\./`),
  bySign('1', '2'),
  bySign('a < b', 'a <= b'),
  end('at < json.length', 'at <= json.length'),
  duration('0', '1'),
  overlap('0', '1'),
  maxOverlap('0', '1'),
  rotateEvery('0', '1'),
  goesOn('after.work !== undefined && isSameAttempt(after.work, work)', '(after.work !== undefined)'),
  begins('before?.work === undefined || !isSameAttempt(before.work, after.work)', '(before?.work === undefined)'),
  claims('before === undefined && after.work === undefined', '(before === undefined)'),
  noStatus('0', '1'),
  lowerHost('new URL(vaultUrl).host.toLowerCase()', '(new URL(vaultUrl).host)'),
  retryAt('0', '1'),
  sweptAt('0', '1'),
  sweepAt('0', '1'),
  longestPause(', 10', ''),
  longestPause('10', '11'),
  longestPause('10', '9'),
  firstAttempt('0', '1'),
];
