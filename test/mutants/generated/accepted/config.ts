import { type Accepted, acceptedIn } from './accepted.ts';

const jitless = acceptedIn(
  'src/config.ts',
  'const settings = settingsSchema.safeParse(env, { jitless: true });',
  'It makes the start faster, and reads the same settings.',
);
const lanes = acceptedIn(
  'src/config.ts',
  'const RECONCILE_CONCURRENCY = 4;',
  'A share of the write budget of ARM. One more or less is as good.',
);

export const ACCEPTED_IN_CONFIG: readonly Accepted[] = [
  jitless(', { jitless: true }', ''),
  jitless('jitless: true', ''),
  jitless('true', 'false'),
  lanes('4', '5'),
  lanes('4', '3'),
];
