import { type Accepted, acceptedIn } from './accepted.ts';

const ofHttp = (file: string) => `src/functions/http/${file}.ts`;
const ofQueues = (file: string) => `src/functions/queue/${file}.ts`;

const status = acceptedIn(
  ofHttp('responses'),
  "if (status >= 500) log({ level: 'warn', event: 'request-failed', ...common });",
  'No problem has the status 499.',
);
const instance = acceptedIn(
  ofHttp('responses'),
  'jsonBody: { ...problemBody({ ...problem, detail }, credentialId), ...(instance !== undefined && { instance }) },',
  'JSON leaves out what is undefined.',
);
const today = acceptedIn(
  ofHttp('responses'),
  'const isToday = at.slice(0, 10) === new Date(now).toISOString().slice(0, 10);',
  'Both are now.',
);

const lengthOfBody = acceptedIn(
  ofHttp('read-body'),
  "if (Number(headers.get('content-length') ?? 0) > BODY_LIMIT) return tooLarge;",
  'Null is 0 as a number, and one byte is no more than the limit.',
);
const lengthOfEvents = acceptedIn(
  ofHttp('event-delivery'),
  "if (Number(request.headers.get('content-length') ?? 0) > MAX_BATCH_BYTES) return tooLarge;",
  'Null is 0 as a number, and one byte is no more than the limit.',
);
const lengthOfNothing = acceptedIn(
  ofHttp('read-body'),
  "const isDeclared = Number(headers.get('content-length') ?? 0) > 0 || headers.has('transfer-encoding');",
  'Null is 0 as a number.',
);
const charset = acceptedIn(
  ofHttp('read-body'),
  String.raw`const charsets = parameters.flatMap((parameter) => /^charset\s*=\s*"?([^"]*)"?$/.exec(parameter)?.[1] ?? []);`,
  'Only a header that breaks its grammar has text after the closing quote.',
);
const lastCase = acceptedIn(
  ofHttp('event-delivery'),
  'break;',
  'Nothing comes after the last case. The compiler lets no other case fall through.',
);
const limit = acceptedIn(
  ofHttp('parameters'),
  `.regex(/^[1-9]\\d{0,4}$/, \`must be a whole number, 1 to \${most}\`)`,
  'The bound refuses more digits in the same words.',
);
const parameters = acceptedIn(
  ofHttp('read-credentials'),
  'const parameters = ranges.find(([name]) => name === mediaType)?.slice(1);',
  'The name of a media type is not taken for a parameter.',
);
const quality = acceptedIn(
  ofHttp('read-credentials'),
  String.raw`return parameters === undefined ? 0 : Number(quality?.replace(/^q\s*=/, '') ?? 1);`,
  'The parameter was found because it begins so.',
);

const looked = acceptedIn(ofQueues('process'), "case 'looked':", 'There is nothing to do, with or without the case.');
const over = acceptedIn(
  ofQueues('process'),
  "const final = isOver && outcome.kind === 'problem' ? { ...outcome, problem: EXPIRED } : outcome;",
  'Nothing but a problem waits for the end of a pause or of throttling.',
);
const firstWait = acceptedIn(
  ofQueues('reschedule'),
  'export function delayOf({ baseMs, maxMs }: Backoff, attempts: number, retryAfterMs = 0): number {',
  'No first wait is as short as a millisecond.',
);
const offset = acceptedIn(
  ofQueues('message'),
  `.transform((value) => Date.parse(/(?:Z|[+-]\\d\\d:\\d\\d)$/.test(value) ? value : \`\${value}Z\`))`,
  'No time that can be read has text after its offset.',
);
const callers = acceptedIn(ofQueues('retry-messages'), 'caller: z.string().min(1),', 'No caller has so short a name.');
const counts = acceptedIn(
  ofQueues('retry-messages'),
  'rescheduleCount: z.int().min(0),',
  'A message on the retry queue was rescheduled once at least.',
);
const lanes = acceptedIn(ofQueues('retry-messages'), 'const LANES = 32;', 'One more or less is as good.');
const several = acceptedIn(
  ofQueues('incoming'),
  "return events.length === 0 ? undefined : { kind: 'several', events };",
  'Nothing is sent for no events.',
);

const examples = acceptedIn(
  'src/functions/openapi/schemas.ts',
  '...(examples.length > 0 && { examples }),',
  'A single example is there already, from the alternative that has it.',
);
const pattern = acceptedIn(
  'src/functions/openapi/schemas.ts',
  '...(a.pattern !== undefined && examples.length > 0 && { pattern: patternOf(examples) }),',
  'A single value has its pattern already. No other alternative has a pattern of its own.',
);
const values = acceptedIn(
  'src/functions/openapi/schemas.ts',
  'node.examples = values.map(String);',
  'The values of a field of text are texts.',
);

export const ACCEPTED_IN_FUNCTIONS: readonly Accepted[] = [
  status('500', '499'),
  instance('instance !== undefined && { instance }', '({ instance })'),
  today('now', ''),
  lengthOfBody("headers.get('content-length') ?? 0", "(headers.get('content-length'))"),
  lengthOfBody('0', '1'),
  lengthOfEvents("request.headers.get('content-length') ?? 0", "(request.headers.get('content-length'))"),
  lengthOfEvents('0', '1'),
  lengthOfNothing("headers.get('content-length') ?? 0", "(headers.get('content-length'))"),
  charset(String.raw`/^charset\s*=\s*"?([^"]*)"?$/`, String.raw`/^charset\s*=\s*"?([^"]*)"?/`),
  lastCase('break;', ';'),
  limit(String.raw`/^[1-9]\d{0,4}$/`, String.raw`/^[1-9]\d*$/`),
  parameters('ranges.find(([name]) => name === mediaType)?.slice(1)', '(ranges.find(([name]) => name === mediaType))'),
  parameters('1', ''),
  parameters('1', '0'),
  quality(String.raw`/^q\s*=/`, String.raw`/q\s*=/`),
  looked("case 'looked': return;", ''),
  over("isOver && outcome.kind === 'problem'", '(isOver)'),
  firstWait('0', '1'),
  offset(String.raw`/(?:Z|[+-]\d\d:\d\d)$/`, String.raw`/(?:Z|[+-]\d\d:\d\d)/`),
  callers('1', '2'),
  counts('0', '1'),
  lanes('32', '33'),
  lanes('32', '31'),
  several('events.length === 0', 'false'),
  examples('0', '1'),
  pattern('0', '1'),
  values('values.map(String)', '(values)'),
];
