import { type Accepted, acceptedIn } from './accepted.ts';

const identifier = acceptedIn(
  'src/azure/vault/secret-vault.ts',
  String.raw`const IDENTIFIER = /^https:\/\/[^/]+\/secrets\/([^/]+)\/([^/]+)$/;`,
  'The SDK refuses an identifier with more parts before we see it.',
);

const ping = acceptedIn(
  'src/azure/ledger/ledger.ts',
  'return true;',
  'Nobody writes the row that a ping looks for, so it is never found.',
);

const noExpiry = acceptedIn(
  'src/azure/entra/caller-authenticator.ts',
  'const endOf = ({ exp = 0 }: JWTPayload): number => exp * 1000;',
  'A token without an expiry is refused before.',
);

const unremembered = acceptedIn(
  'src/azure/entra/caller-authenticator.ts',
  'const endOf = ({ exp = 0 }: JWTPayload): number => exp * 1000;',
  'A token that is not remembered is verified again. A longer memory than its life fails a test.',
);

const longAgo = acceptedIn(
  'src/azure/arm/confluent-keys.ts',
  'const left = (target: Target): number => Math.max(0, (ends.get(keyOf(target)) ?? 0) - clock.now());',
  'The first millisecond of 1970 is as long ago as the second.',
);

const chain = acceptedIn(
  'src/azure/upstream-trace.ts',
  'pending.push(parsed.data.cause, ...(parsed.data.errors ?? []).slice(0, MAX_CHAIN));',
  'The loop ends at as many. The cut only keeps the list short.',
);

const validity = acceptedIn(
  'src/azure/vault/writability.ts',
  'const PROBE_VALIDITY_MS = 90 * DAY_MS;',
  'A day more or less is as good.',
);

const sampled = acceptedIn(
  'src/azure/telemetry/open-telemetry.ts',
  'traceFlags: Number.parseInt(flags, 16),',
  'Every span is sampled: the flags of its parent decide nothing.',
);

const known = acceptedIn(
  'src/azure/telemetry/open-telemetry.ts',
  'const record = recorders.get(name) ?? createInstrument(meter, name);',
  'The SDK gives the same instrument for the same name. Only its work is saved.',
);

const noted = acceptedIn(
  'src/azure/telemetry/open-telemetry.ts',
  'recorders.set(name, record);',
  'The SDK gives the same instrument for the same name. Only its work is saved.',
);

const withoutValue = acceptedIn(
  'src/azure/telemetry/open-telemetry.ts',
  "Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined && value !== ''));",
  'The SDK drops an attribute without a value.',
);

const interim = acceptedIn(
  'src/azure/http.ts',
  'export const isSuccess = (status: number): boolean => status >= 200 && status < 300;',
  'No final answer has a status below 200.',
);

const etagOfOne = acceptedIn(
  'src/azure/ledger/ledger.ts',
  'const entitySchema = z.object({ rowKey: z.string(), etag: z.string().min(1), document: z.unknown().optional() });',
  'No ETag of the service has one character.',
);

const late = acceptedIn(
  'src/azure/vault/write-tries.ts',
  "if (request.abortSignal?.aborted === true) throw new DOMException('Aborted before it was sent.', 'AbortError');",
  'Nobody sees it: the caller has its answer already.',
);

const noExpiryOfSecret = acceptedIn(
  'src/azure/vault/secret-vault.ts',
  'if ((secret.expiresOn?.getTime() ?? 0) > LAST_EXPIRY_MS) {',
  'The first millisecond of 1970 is no more beyond the bound than the second.',
);

const firstTime = acceptedIn(
  'src/azure/entra/signing-keys.ts',
  'let renewAt = 0;',
  'The first millisecond of 1970 is as long ago as the second.',
);

const utf8 = acceptedIn(
  'src/azure/servicebus/messenger.ts',
  "body: Buffer.from(body, 'utf8'),",
  'It is what Node takes by default.',
);

const numbered = acceptedIn(
  'src/azure/ledger/transaction.ts',
  String.raw`const failureSchema = z.object({ message: z.string().regex(/^\d+:/) });`,
  'Of a message that begins otherwise no number is made, and so no operation is found.',
);

const decimal = acceptedIn(
  'src/azure/ledger/transaction.ts',
  'return data === undefined ? undefined : steps[Number.parseInt(data.message, 10)];',
  'The message begins with digits and a colon, which make a decimal number.',
);

const noStatus = acceptedIn(
  'src/azure/ledger/table.ts',
  '...(status !== undefined && { statusCode: status }),',
  'A trace leaves out a status that is undefined.',
);

const otlpTimer = acceptedIn(
  'src/azure/telemetry/otlp.ts',
  'await Promise.race([closing, setTimeout(DEADLINE_MS, undefined, { ref: false })]);',
  'The worker ends the process. The timer would keep one that ends by itself.',
);

const keptAlive = acceptedIn(
  'src/azure/arm/one-request.ts',
  'super({ keepAlive: false });',
  'An agent of Node keeps no connection alive by default.',
);

const unfetched = acceptedIn(
  'src/azure/entra/signing-keys.ts',
  'if (keys.fresh && Date.now() >= renewAt) keys.reload().catch(() => undefined);',
  'Where there are no keys the next line fetches them. Both share one request.',
);

const unsignedHeader = acceptedIn(
  'src/azure/entra/signing-keys.ts',
  'return keys(header, token);',
  'jose looks there for a header that is not signed. A compact token has none.',
);

const unexpiring = acceptedIn(
  'src/azure/vault/writability.ts',
  'if (newest?.version !== undefined && (newest.expiresOn?.getTime() ?? 0) - now > PROBE_RENEWAL_MS) {',
  'A probe without an expiry is renewed all the same.',
);

export const ACCEPTED_IN_AZURE: readonly Accepted[] = [
  identifier(
    String.raw`/^https:\/\/[^/]+\/secrets\/([^/]+)\/([^/]+)$/`,
    String.raw`/^https:\/\/[^/]+\/secrets\/([^/]+)\/([^/]+)/`,
  ),
  ping('true', 'false'),
  noExpiry('0', '1'),
  unremembered('1000', '500'),
  longAgo('0', '1'),
  chain('(parsed.data.errors ?? []).slice(0, MAX_CHAIN)', '(parsed.data.errors ?? [])'),
  chain(', MAX_CHAIN', ''),
  sampled(', 16', ''),
  sampled('16', '17'),
  sampled('16', '15'),
  known('recorders.get(name) ?? createInstrument(meter, name)', '(createInstrument(meter, name))'),
  noted('recorders.set(name, record);', ';'),
  noted('recorders.set(name, record)', '(recorders)'),
  withoutValue("value !== undefined && value !== ''", "(value !== '')"),
  interim('status >= 200 && status < 300', '(status < 300)'),
  interim('200', '199'),
  etagOfOne('1', '2'),
  late(", 'AbortError'", ''),
  noExpiryOfSecret('0', '1'),
  firstTime('0', '1'),
  utf8(", 'utf8'", ''),
  numbered(String.raw`/^\d+:/`, String.raw`/\d+:/`),
  decimal(', 10', ''),
  noStatus('status !== undefined && { statusCode: status }', '({ statusCode: status })'),
  otlpTimer('ref: false', ''),
  otlpTimer('false', 'true'),
  keptAlive('{ keepAlive: false }', ''),
  keptAlive('keepAlive: false', ''),
  unfetched('keys.fresh && Date.now() >= renewAt', '(Date.now() >= renewAt)'),
  unsignedHeader(', token', ''),
  unexpiring('0', '1'),
  validity('90', '91'),
  validity('90', '89'),
];
