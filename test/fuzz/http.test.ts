import fc, { type Arbitrary } from 'fast-check';
import { expect, it } from 'vitest';
import { credentialIdOf } from '../../src/vending/model/idempotency.ts';
import { rawBody } from './arbitraries/bodies.ts';
import { goodHeaders, oddHeaders } from './arbitraries/headers.ts';
import { anyJson } from './arbitraries/json.ts';
import { nearRequest, validRequest } from './arbitraries/requests.ts';
import { HUSH, headerText, hostileText } from './arbitraries/text.ts';
import { PATIENCE, runs } from './cases.ts';
import { asCaller, CALLER, type Call, type Called, call } from './functions.ts';
import { isIdempotencyKey, isObject, isRequest } from './is-request.ts';
import { expectProblemAnswer } from './oracle.ts';

const LIMIT = 16 * 1024;

function expectRefused({ answer, world, logs }: Called): string {
  const name = expectProblemAnswer(answer);
  expect(world.confluent.posts).toEqual([]);
  expect([...world.ledger.rows.keys()]).toEqual([]);
  expect(logs.join('\n')).not.toContain(HUSH);
  return name;
}

function expectVended({ answer, world }: Called): void {
  expect([answer.status, answer.headers['cache-control']]).toEqual([201, 'no-store']);
  expect(world.confluent.posts).toHaveLength(1);
}

it('mints for what is a request, and for nothing else, whatever its fields hold', PATIENCE, async () => {
  const property = fc.asyncProperty(nearRequest, fc.constantFrom('k', undefined), async (value, key) => {
    const body = JSON.stringify(value);
    const sent: unknown = JSON.parse(body);
    const called = await call('vend', { headers: goodHeaders(key), body });
    const inBody = isRequest(sent) ? (sent.idempotencyKey ?? undefined) : undefined;
    const isNamed = isRequest(sent) && (inBody === undefined ? key !== undefined : (key ?? inBody) === inBody);
    if (isNamed && body.length <= LIMIT) expectVended(called);
    else
      expect(expectRefused(called)).toMatch(
        /^(invalid-request|malformed-request|idempotency-key-required|payload-too-large)$/,
      );
  });
  await fc.assert(property, runs('request fields'));
});

it('mints for no body that is damaged', PATIENCE, async () => {
  const property = fc.asyncProperty(rawBody, async ({ bytes, isSound }) => {
    const called = await call('vend', { headers: goodHeaders('k'), body: bytes });
    if (isSound) expectVended(called);
    else expect(expectRefused(called)).toMatch(/^(malformed-request|invalid-request|payload-too-large)$/);
  });
  await fc.assert(property, runs('request bodies'));
});

it('mints for no request whose headers speak against it', PATIENCE, async () => {
  const property = fc.asyncProperty(validRequest, oddHeaders, async (request, { headers, isJson }) => {
    const called = await call('vend', { headers, body: JSON.stringify(request) });
    // The platform strips blanks at the ends of a header before anybody sees them.
    const key = headers['idempotency-key']?.replace(/^[\t ]+|[\t ]+$/g, '');
    const inBody = request.idempotencyKey;
    // Several header lines arrive as one with commas.
    const isOneLine = key !== undefined && isIdempotencyKey(key) && !key.includes(',');
    const isNamed = key === undefined ? inBody !== undefined : isOneLine && (inBody ?? key) === key;
    if (isJson && isNamed) expectVended(called);
    else expectRefused(called);
  });
  await fc.assert(property, runs('request headers'));
});

const NO_ID = fc.oneof(hostileText, headerText, fc.stringMatching(/^[a-z2-7]{25,27}$/));

it('finds nothing under an id that is none', PATIENCE, async () => {
  const property = fc.asyncProperty(NO_ID, async (id) => {
    expect(expectRefused(await call('get', { method: 'GET', params: { id } }))).toBe('not-found');
  });
  await fc.assert(property, runs('lookups'));
});

const ID = credentialIdOf(CALLER, { kind: 'key', key: 'k' });
const ROUTES = ['rotate', 'end-overlap', 'revoke'] as const;
const nearChange = fc.oneof(
  fc.record(
    {
      replaces: fc.oneof(fc.constantFrom('KEY1', 'KEY2'), hostileText, anyJson),
      overlap: fc.oneof(fc.constantFrom('PT0S', 'P2D', 'PT1H', 'P3650D'), hostileText, anyJson),
      apiKeyId: fc.oneof(fc.constantFrom('KEY1', 'KEY2'), hostileText, anyJson),
      validateOnly: fc.oneof(fc.boolean(), hostileText, anyJson),
    },
    { requiredKeys: [] },
  ),
  anyJson,
);

it(
  'changes a credential only by what its route asks for, and never deletes a current key by garbage',
  PATIENCE,
  async () => {
    const query = fc.oneof(fc.constant({}), fc.dictionary(hostileText, hostileText, { maxKeys: 2 }));
    const property = fc.asyncProperty(
      fc.constantFrom(...ROUTES),
      nearChange,
      query,
      async (route, value, parameters) => {
        const body = JSON.stringify(value);
        const { world } = await call('vend', { headers: goodHeaders('k'), body: REQUEST }, asCaller);
        const before = JSON.stringify(world.ledger.get(ID));
        const method = route === 'revoke' ? 'DELETE' : 'POST';
        const sent: Call = { method, headers: goodHeaders('r'), params: { id: ID }, query: parameters, body };
        const { answer } = await call(route, sent, asCaller, world);
        // A DELETE has no body, and an overlap that there is not cannot end.
        expect(world.confluent.deleted).toEqual([]);
        if (answer.status >= 400) {
          expectProblemAnswer(answer);
          expect(JSON.stringify(world.ledger.get(ID))).toBe(before);
          expect(world.confluent.posts).toHaveLength(1);
        } else expect([route, isRotation(JSON.parse(body))]).toEqual(['rotate', true]);
      },
    );
    await fc.assert(property, runs('changes'));
  },
);

const REQUEST = JSON.stringify({ environmentId: 'env-12132', clusterId: 'lkc-1126wj', name: 'orders' });
const isRotation = (value: unknown): boolean =>
  isObject(value) &&
  Object.entries(value).every(
    ([name, field]) =>
      field === null ||
      (name === 'replaces' && field === 'KEY1') ||
      (name === 'overlap' && typeof field === 'string' && field.startsWith('P')) ||
      (name === 'validateOnly' && typeof field === 'boolean'),
  );

const LISTS = ['list', 'list-open'] as const;
const MOST = { list: 1_000, 'list-open': 50 } as const;
const REASONS = ['unknown', 'undecided', 'rotation-suspended', 'unreadable'];
const query: Arbitrary<Record<string, string>> = fc
  .array(
    fc.oneof(
      fc.tuple(
        fc.constant('reason'),
        fc.oneof(fc.constantFrom(...REASONS, 'vended', 'Unknown', 'unknown,unknown', ''), hostileText),
      ),
      fc.tuple(
        fc.constantFrom('limit', 'Limit'),
        fc.oneof(fc.constantFrom('1', '50', '51', '1000', '1001', '0', '-1', '1e9', '1.5', '', ' 7 '), hostileText),
      ),
      fc.tuple(fc.constant('cursor'), fc.oneof(fc.constant(`2026-01-01T00:00:00.000Z_${'a'.repeat(26)}`), hostileText)),
      fc.tuple(fc.constantFrom('code', 'subscription-key'), hostileText),
      fc.tuple(hostileText, hostileText),
    ),
    { maxLength: 4 },
  )
  .map((entries) => Object.fromEntries(entries));

const isPrintable = (text: string): boolean => /^[!-~]{1,300}$/.test(text);

/** A query survives its way through a URL, but for halves of surrogate pairs. */
function isListing(route: (typeof LISTS)[number], asked: Record<string, string>): boolean {
  const { reason, limit, cursor, code: _, 'subscription-key': __, ...rest } = asked;
  return (
    (reason === undefined || (route === 'list-open' && REASONS.includes(reason))) &&
    (limit === undefined || (/^[1-9]\d{0,3}$/.test(limit) && Number(limit) <= MOST[route])) &&
    (cursor === undefined || isPrintable(cursor)) &&
    Object.keys(rest).length === 0
  );
}

it('lists credentials for a query that makes sense, and refuses any other', PATIENCE, async () => {
  const property = fc.asyncProperty(fc.constantFrom(...LISTS), query, async (route, asked) => {
    const called = await call(route, { method: 'GET', query: asked });
    if (isListing(route, asked))
      expect([called.answer.status, called.answer.body]).toEqual([200, '{"credentials":[]}']);
    else expect(expectRefused(called)).toBe('invalid-request');
  });
  await fc.assert(property, runs('operators: list'));
});

it('resolves nothing on the strength of garbage', PATIENCE, async () => {
  const decision = fc.oneof(fc.constantFrom('key', 'none', 'gone', 'nothing-left', 'look'), hostileText, anyJson);
  const body = fc.oneof(
    fc.record({ decision, apiKeyId: fc.oneof(hostileText, anyJson) }).map((value) => JSON.stringify(value)),
    anyJson.map((value) => JSON.stringify(value)),
    rawBody.map(({ bytes }) => bytes),
  );
  const property = fc.asyncProperty(body, fc.oneof(fc.constant('a'.repeat(26)), hostileText), async (bytes, id) => {
    const called = await call('resolve', { headers: goodHeaders(undefined), params: { id }, body: bytes });
    expectRefused(called);
    expect(called.world.calls.filter((effect) => effect !== 'read')).toEqual([]);
  });
  await fc.assert(property, runs('operators: resolve'));
});
