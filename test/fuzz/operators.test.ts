import fc, { type Arbitrary } from 'fast-check';
import { expect, it } from 'vitest';
import { rawBody } from './arbitraries/bodies.ts';
import { nearBulk } from './arbitraries/bulks.ts';
import { goodHeaders } from './arbitraries/headers.ts';
import { anyJson } from './arbitraries/json.ts';
import { hostileText } from './arbitraries/text.ts';
import { holds, PATIENCE } from './cases.ts';
import { asCaller, call, expectRefused } from './functions.ts';
import { isObject } from './is-request.ts';
import { expectProblemAnswer } from './oracle.ts';

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
  await holds('operators: list', property);
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
  await holds('operators: resolve', property);
});

const REQUEST = JSON.stringify({ environmentId: 'env-12132', clusterId: 'lkc-1126wj', name: 'orders' });

it('begins a bulk operation only for what names the credential that there is', PATIENCE, async () => {
  const property = fc.asyncProperty(nearBulk, async ({ body, isStart, isPreview }) => {
    const { world } = await call('vend', { headers: goodHeaders('k'), body: REQUEST }, asCaller);
    const { answer } = await call('begin-bulk', { headers: goodHeaders('b'), body }, undefined, world);
    expect(answer.status === 202).toBe(isStart);
    expect(answer.status === 200).toBe(isPreview);
    if (answer.status >= 400) expectProblemAnswer(answer);
    expect(world.ledger.all('bulk')).toHaveLength(isStart ? 1 : 0);
    expect([world.confluent.posts.length, world.confluent.deleted]).toEqual([1, []]);
  });
  await holds('operators: bulk', property);
});

const isOf = (characters: RegExp, most: number, value: unknown): boolean =>
  typeof value === 'string' && value.length > 0 && value.length <= most && value.replace(characters, '') === '';
const VAULTS = ['https://teams.vault.azure.net', 'https://teams.vault.azure.net/', 'https://Teams.vault.azure.net'];
const OTHER_VAULTS = [
  'https://other.vault.azure.net',
  'https://teams.vault.azure.net:443',
  'https://teams.VAULT.azure.net',
];
const nearRecovery = fc.oneof(
  fc.record(
    {
      vaultUrl: fc.oneof(fc.constantFrom(...VAULTS, ...OTHER_VAULTS), hostileText, anyJson),
      cursor: fc.oneof(fc.constantFrom('ck-a', 'x'.repeat(127)), hostileText, anyJson),
      validateOnly: fc.oneof(fc.boolean(), anyJson),
    },
    { requiredKeys: [] },
  ),
  anyJson,
);

it('recovers from a vault that it knows, and inserts no row that no key stands for', PATIENCE, async () => {
  const property = fc.asyncProperty(nearRecovery, async (value) => {
    const body = JSON.stringify(value);
    const sent: unknown = JSON.parse(body);
    const fields = isObject(sent)
      ? Object.entries(sent).filter(([, field]) => field !== null)
      : ([['none', '']] as const);
    const isKnown = fields.every(
      ([name, field]) =>
        (name === 'vaultUrl' && VAULTS.some((known) => known === field)) ||
        (name === 'cursor' && isOf(/[0-9A-Za-z-]/g, 127, field)) ||
        (name === 'validateOnly' && typeof field === 'boolean'),
    );
    const called = await call('recover', { headers: goodHeaders(undefined), body });
    if (isKnown) expect([called.answer.status, JSON.parse(called.answer.body).secrets]).toEqual([200, []]);
    else
      expect(expectRefused(called)).toMatch(
        /^(invalid-request|malformed-request|payload-too-large|not-found|forbidden)$/,
      );
    expect([...called.world.ledger.rows.keys()]).toEqual([]);
  });
  await holds('operators: recover', property);
});
