import { type Accepted, acceptedIn } from './accepted.ts';

const firstCount = acceptedIn(
  'src/functions/queue/retry-messages.ts',
  'const unserved = { caller, roles, rescheduleCount: 1, attempts: 0, reference };',
  'The count has to be the same for each delivery. The next ones count on from it.',
);

export const ACCEPTED_IN_FUNCTIONS: readonly Accepted[] = [firstCount('1', '2')];
