import { type Accepted, acceptedIn } from './accepted.ts';

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

const prunedOrNot = (code: string) =>
  acceptedIn('src/vending/review/retention.ts', code, 'Forgetting is deferred anyway: nobody asks what it came to.');
const notYet = prunedOrNot('if (!mayPrune(credential, { now: clock.now(), timings })) return true;');
const partRemoved = prunedOrNot("if (removed.kind !== 'committed') return removed.kind === 'conflict';");
const attemptsOfAPage = acceptedIn(
  'src/vending/review/retention.ts',
  'const MAX_LISTED = 49;',
  'One less is as good. One more fails a test.',
);
const rowsOfATransaction = acceptedIn(
  'src/vending/review/retention.ts',
  'const MAX_BATCH = 100;',
  'One less is as good. One more fails a test.',
);

const recordsOfARun = acceptedIn(
  'src/vending/review/republish.ts',
  'const MAX_ROWS = 500;',
  'The next run has the others.',
);

const mintedAttempt = acceptedIn(
  'src/vending/review/dead-worker.ts',
  "work.phase === 'minted' && work.keyId !== undefined",
  'Of the attempts that are recovered only a minted one names its key.',
);

const answerOfACompensation = acceptedIn(
  'src/vending/review/dead-worker.ts',
  ": { kind: 'open', row: recorded.row, ...(compensated.upstream && { upstream: compensated.upstream }) };",
  'The row has a new date by then, so no back-off tells of it.',
);

export const ACCEPTED_IN_REVIEW: readonly Accepted[] = [
  tasks('12', '13'),
  tasks('12', '11'),
  tasksOfAReview('0', '1'),
  tasksOfAReview('tasks < MAX_TASKS', 'tasks <= MAX_TASKS'),
  doneWithoutHurry('means.isHurried !== true || !done.has(task)', '(!done.has(task))'),
  waitsForAPrune("task !== 'prune' && deferred.has(task)", '(deferred.has(task))'),
  pruned('await prune(ctx, row)', 'false'),
  youngestDueRow('0', '1'),
  notYet('true', 'false'),
  partRemoved("removed.kind === 'conflict'", "removed.kind !== 'conflict'"),
  prunedOrNot('return true;')('true', 'false'),
  attemptsOfAPage('49', '48'),
  rowsOfATransaction('100', '99'),
  recordsOfARun('500', '501'),
  recordsOfARun('500', '499'),
  mintedAttempt("work.phase === 'minted' && work.keyId !== undefined", '(work.keyId !== undefined)'),
  answerOfACompensation(', ...(compensated.upstream && { upstream: compensated.upstream })', ''),
];
