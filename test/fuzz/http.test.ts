import fc from 'fast-check';
import { expect, it } from 'vitest';
import { credentialIdOf } from '../../src/vending/model/idempotency.ts';
import { rawBody } from './arbitraries/bodies.ts';
import { goodHeaders, oddHeaders } from './arbitraries/headers.ts';
import { anyJson } from './arbitraries/json.ts';
import { nearRequest, validRequest } from './arbitraries/requests.ts';
import { headerText, hostileText } from './arbitraries/text.ts';
import { holds, PATIENCE } from './cases.ts';
import { asCaller, CALLER, type Call, type Called, call, expectRefused } from './functions.ts';
import { isIdempotencyKey, isObject, isRequest } from './is-request.ts';
import { expectProblemAnswer } from './oracle.ts';

const LIMIT = 16 * 1024;

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
  await holds('request fields', property);
});

it('mints for no body that is damaged', PATIENCE, async () => {
  const property = fc.asyncProperty(rawBody, async ({ bytes, isSound }) => {
    const called = await call('vend', { headers: goodHeaders('k'), body: bytes });
    if (isSound) expectVended(called);
    else expect(expectRefused(called)).toMatch(/^(malformed-request|invalid-request|payload-too-large)$/);
  });
  await holds('request bodies', property);
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
  await holds('request headers', property);
});

const NO_ID = fc.oneof(hostileText, headerText, fc.stringMatching(/^[a-z2-7]{25,27}$/));

const LOOKUPS = ['get', 'get-bulk', 'find-key'] as const;

it('finds nothing under an id that is none', PATIENCE, async () => {
  const property = fc.asyncProperty(fc.constantFrom(...LOOKUPS), NO_ID, async (route, id) => {
    const called = await call(route, { method: 'GET', params: { id, apiKeyId: id } });
    expect(expectRefused(called)).toBe('not-found');
  });
  await holds('lookups', property);
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
    await holds('changes', property);
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
