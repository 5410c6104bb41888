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
];
