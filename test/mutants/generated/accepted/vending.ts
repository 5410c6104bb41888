import { type Accepted, acceptedIn } from './accepted.ts';

const noRetry = acceptedIn(
  'src/vending/saga/compensate.ts',
  'const wait = (retryAt ?? 0) - ctx.clock.now();',
  'The first millisecond of 1970 is as long ago as the second.',
);

export const ACCEPTED_IN_VENDING: readonly Accepted[] = [noRetry('0', '1')];
