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

const parts = acceptedIn(
  'src/settings.ts',
  "const [hours = 0, minutes = 0, secs = 0] = text.split(':').map(Number);",
  'A text that comes here has three parts, or is -1.',
);
const enough = acceptedIn(
  'src/runtime.ts',
  'export const systemIds: Ids = { writeId: () => randomUUID(), nonce: () => nonceOf(randomBytes(4)) };',
  'A nonce takes its six letters from the first bytes. Fewer fail a test.',
);

export const ACCEPTED_IN_CONFIG: readonly Accepted[] = [
  jitless(', { jitless: true }', ''),
  jitless('jitless: true', ''),
  jitless('true', 'false'),
  parts('0', '1'),
  enough('4', '5'),
  lanes('4', '5'),
  lanes('4', '3'),
];
