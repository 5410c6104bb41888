import { type Mutant, mutantsOf } from './mutant.ts';

const mutant = mutantsOf('src/azure');

/** What the adapters take for proof, for how long they believe it, and how often they send. */
export const ADAPTER_MUTANTS: readonly Mutant[] = [
  mutant(
    'the one status of a ledger call',
    'ledger/table.ts',
    'if (response.status !== expected)',
    'if (response.status >= 300)',
  ),
  mutant('the code beside a 404', 'ledger/table.ts', 'status === 404 && NO_ROW.has(code)', 'status === 404'),
  mutant(
    'the code beside a 409',
    'ledger/table.ts',
    "status === 409 && code === 'EntityAlreadyExists'",
    'status === 409',
  ),
  mutant(
    'a deadline of a ledger call',
    'ledger/table.ts',
    'await within(DEADLINE_MS, send)',
    'await send(new AbortController().signal)',
  ),
  mutant(
    'the condition of a replacement',
    'ledger/table.ts',
    "...(etag !== undefined && { headers: { 'if-match': etag } }),",
    '',
  ),
  mutant(
    'an ETag that came with a write',
    'ledger/ledger.ts',
    "if (etag === undefined || etag === '') return",
    "if (etag === 'never') return",
  ),
  mutant(
    'the intent’s own id in its row',
    'ledger/rows.ts',
    'if (intent.id !== intentId) throw new MalformedRow();',
    '',
  ),
  mutant('quotes in a key', 'ledger/rows.ts', `.replaceAll("'", "''")`, ''),
  mutant('a connection for each POST', 'arm/transport.ts', 'keepAlive: false', 'keepAlive: true'),
  mutant('the one sending of a POST', 'arm/transport.ts', 'once.sendRequest(one,', 'once.sendRequest(client,'),
  mutant('a POST that may be out', 'arm/one-request.ts', 'if (this.#outstanding) throw', 'if (!request.headers) throw'),
  mutant(
    'a deadline that has passed before the POST',
    'arm/one-request.ts',
    'if (request.abortSignal?.aborted) throw',
    'if (request.timeout < 0) throw',
  ),
  mutant('damage of a body', 'arm/body.ts', ', { fatal: true }', ''),
  mutant('a bound of a body', 'arm/body.ts', 'if (length > MAX_BODY) return undefined;', ''),
  mutant(
    'an end of a wait for what does not listen',
    'deadline.ts',
    'await Promise.race([work(controller.signal), expired.promise])',
    'await work(controller.signal)',
  ),
  mutant('calling off a deadline', 'deadline.ts', 'clearTimeout(timer);', ''),
  mutant(
    'an end of a verified token',
    'entra/verified-tokens.ts',
    'verified !== undefined && now < verified.until',
    'verified !== undefined',
  ),
  mutant('the token’s own end', 'entra/verified-tokens.ts', 'Math.min(endsAt, now + GOOD_FOR_MS)', 'now + GOOD_FOR_MS'),
  mutant(
    'five minutes of a verified token',
    'entra/verified-tokens.ts',
    'Math.min(endsAt, now + GOOD_FOR_MS)',
    'endsAt',
  ),
  mutant('a bound of verified tokens', 'entra/verified-tokens.ts', 'known.size > MOST', 'known.size < 0'),
  mutant('an end of a token', 'token-memory.ts', 'token === undefined || left <= 0', 'token === undefined'),
  mutant(
    'the last minute of a token',
    'token-memory.ts',
    'if (left < LEAST_LEFT_MS) return renewal().catch(() => token);',
    '',
  ),
  mutant(
    'the issuer’s word when to renew',
    'token-memory.ts',
    ' || now() >= (token.refreshAfterTimestamp ?? Number.POSITIVE_INFINITY)',
    '',
  ),
  mutant(
    'an end of a renewal that hangs',
    'token-memory.ts',
    'running !== undefined && now - running.since < PATIENCE_MS',
    'running !== undefined',
  ),
  mutant(
    'the answer to a challenge',
    'token-memory.ts',
    ' && (options?.claims !== undefined || known.get(key) === before)',
    '',
  ),
  mutant('renewing a token ahead of need', 'token-memory.ts', 'if (left < RENEWED_BEFORE_MS ||', 'if ('),
  mutant('a new token for a challenge', 'token-memory.ts', 'if (options?.claims !== undefined) return renew();', ''),
  mutant(
    'one renewal at a time',
    'token-memory.ts',
    'const running = renewals.get(key);',
    "const running = renewals.get('another');",
  ),
  mutant(
    'tenants among tokens',
    'token-memory.ts',
    'JSON.stringify([scopes, options?.tenantId, options?.enableCae])',
    'JSON.stringify([scopes])',
  ),
];
