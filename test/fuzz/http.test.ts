import fc, { type Arbitrary } from 'fast-check';
import { expect, it } from 'vitest';
import { rawBody } from './arbitraries/bodies.ts';
import { goodHeaders, oddHeaders } from './arbitraries/headers.ts';
import { anyJson } from './arbitraries/json.ts';
import { nearRequest, validRequest } from './arbitraries/requests.ts';
import { HUSH, headerText, hostileText } from './arbitraries/text.ts';
import { PATIENCE, runs } from './cases.ts';
import { type Call, type Called, call } from './functions.ts';
import { isIdempotencyKey, isRequest } from './is-request.ts';
import { expectProblemAnswer } from './oracle.ts';

const LIMIT = 16 * 1024;

function expectRefused({ answer, world, logs }: Called): string {
  const name = expectProblemAnswer(answer);
  expect(world.posts).toEqual([]);
  expect([...world.rows.keys(), ...world.names.keys()]).toEqual([]);
  expect(logs.join('\n')).not.toContain(HUSH);
  return name;
}

function expectVended({ answer, world }: Called): void {
  expect([answer.status, answer.headers['cache-control']]).toEqual([201, 'no-store']);
  expect(world.posts).toHaveLength(1);
}

it('mints for what is a request, and for nothing else, whatever its fields hold', PATIENCE, async () => {
  const property = fc.asyncProperty(nearRequest, fc.constantFrom('k', undefined), async (value, key) => {
    const body = JSON.stringify(value);
    const sent: unknown = JSON.parse(body);
    const called = await call('vend', { headers: goodHeaders(key), body });
    const isNamed =
      isRequest(sent) &&
      (sent.idempotencyKey === undefined ? key !== undefined : (key ?? sent.idempotencyKey) === sent.idempotencyKey);
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
    const isNamed = key === undefined ? inBody !== undefined : isIdempotencyKey(key) && (inBody ?? key) === key;
    if (isJson && isNamed) expectVended(called);
    else expectRefused(called);
  });
  await fc.assert(property, runs('request headers'));
});

it('finds nothing under an id that is none', PATIENCE, async () => {
  const id = fc.oneof(hostileText, headerText, fc.stringMatching(/^[a-z2-7]{25,27}$/));
  const property = fc.asyncProperty(id, async (requestId) => {
    expect(expectRefused(await call('get', { method: 'GET', params: { requestId } }))).toBe('not-found');
  });
  await fc.assert(property, runs('lookups'));
});

const STATES = ['minting', 'minted', 'compensating', 'failed', 'unknown'];
const CURSOR = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z_[a-z2-7]{26}$/;
const query: Arbitrary<Record<string, string>> = fc
  .array(
    fc.oneof(
      fc.tuple(
        fc.constant('state'),
        fc.oneof(fc.constantFrom(...STATES, 'vended', 'Unknown', 'unknown,unknown', ''), hostileText),
      ),
      fc.tuple(
        fc.constant('limit'),
        fc.oneof(fc.constantFrom('1', '50', '51', '0', '-1', '1e9', '1.5', '', ' 7 '), hostileText),
      ),
      fc.tuple(fc.constant('cursor'), fc.oneof(fc.constant(`2026-01-01T00:00:00.000Z_${'a'.repeat(26)}`), hostileText)),
      fc.tuple(hostileText, hostileText),
    ),
    { maxLength: 4 },
  )
  .map((entries) => Object.fromEntries(entries));

/** What a query says survives its way through a URL, but for halves of surrogate pairs. */
const isListing = ({ state = '', limit, cursor, ...rest }: Record<string, string>): boolean =>
  STATES.includes(state) &&
  (limit === undefined || (Number.isInteger(Number(limit)) && Number(limit) >= 1 && Number(limit) <= 50)) &&
  (cursor === undefined || CURSOR.test(cursor)) &&
  Object.keys(rest).length === 0;

it('lists intents for a query that makes sense, and refuses any other', PATIENCE, async () => {
  const property = fc.asyncProperty(query, async (asked) => {
    const called = await call('list', { method: 'GET', query: asked });
    if (isListing(asked)) expect([called.answer.status, called.answer.body]).toEqual([200, '{"intents":[]}']);
    else expect(expectRefused(called)).toBe('invalid-request');
  });
  await fc.assert(property, runs('operators: list'));
});

it('resolves nothing on the strength of garbage', PATIENCE, async () => {
  const body = fc.oneof(
    fc.record({ apiKeyId: fc.oneof(hostileText, anyJson) }).map((value) => JSON.stringify(value)),
    anyJson.map((value) => JSON.stringify(value)),
    rawBody.map(({ bytes }) => bytes),
  );
  const requestId = fc.oneof(fc.constant('a'.repeat(26)), hostileText);
  const property = fc.asyncProperty(body, requestId, async (bytes, id) => {
    const resolve: Call = { headers: goodHeaders(undefined), params: { requestId: id }, body: bytes };
    const called = await call('resolve', resolve);
    expectRefused(called);
    expect(called.world.calls.filter((effect) => effect !== 'read')).toEqual([]);
  });
  await fc.assert(property, runs('operators: resolve'));
});
