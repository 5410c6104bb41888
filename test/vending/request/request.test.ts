import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../../src/vending/request/request.ts';

const minimal = { environmentId: 'env-12132', clusterId: 'lkc-1126wj', name: 'CI kafka access key' };
const target = {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroupName: 'myResourceGroup',
  organizationName: 'myOrganization',
};
const complete = {
  ...minimal,
  ...target,
  description: 'This API key provides kafka access to cluster x',
  secretName: 'portal-kafka',
  secretFormat: 'jaas',
  validFor: 'P90D',
  idempotencyKey: 'order 4711/key-1',
} as const;

const ID_RULE = 'must be 1 to 64 letters, digits, "-" or "_", beginning with a letter or digit';
const GROUP_RULE = 'must be 1 to 90 letters, digits or any of ".", "_", "(", ")", "-", not ending in "."';
const ORGANIZATION_RULE = 'must be 1 to 64 letters, digits, ".", "_" or "-", beginning with a letter or digit';
const TEXT_RULE = 'must not contain control characters, line separators, bidirectional controls or lone surrogates';
const MARKER_RULE = 'must not contain "vend:", which marks the keys of this service';
const SECRET_NAME_RULE = 'must be 1 to 127 letters, digits or "-"';
const OWN_NAMES_RULE = 'must not begin with "ck-", which is kept for names made by this service';
const DURATION_RULE = 'must be an ISO 8601 duration in weeks, days, hours, minutes or seconds, such as P90D or PT12H';
const VALIDITY_RULE = 'must be at least PT1M and at most P3650D';
const KEY_RULE = 'must be 1 to 128 printable ASCII characters, no space at either end';
const FORMAT_RULE = 'must be "secret", "json", "jaas" or "basic-auth"';

/** Each value of a field breaks its rule. */
type Refused = readonly [field: string, rule: string, ...values: unknown[]];
const refused = (...rows: readonly Refused[]) =>
  rows.flatMap(([field, rule, ...values]) => values.map((value) => [field, value, rule] as const));

describe('parseRequest', () => {
  it.each<[string, Record<string, unknown>]>([
    ['the required fields alone', minimal],
    ['every field', complete],
    ['a name of 64 characters', { ...minimal, name: 'n'.repeat(64) }],
    ['64 characters outside the basic plane', { ...minimal, name: '🔑'.repeat(64) }],
    ['a name in another script', { ...minimal, name: 'ключ для Kafka ‎(صندوق)' }],
    ['an empty description', { ...minimal, description: '' }],
    ['a description of 200 characters', { ...minimal, description: 'd'.repeat(200) }],
    ['a text that only resembles the marker', { ...minimal, description: 'vend a key, vendor: x' }],
    ['the longest ids', { ...minimal, environmentId: 'e'.repeat(64), clusterId: 'C_-'.padEnd(64, '0') }],
    [
      'the longest names of Azure',
      { ...minimal, resourceGroupName: '(a.)'.padStart(90, '.'), organizationName: 'o'.repeat(64) },
    ],
    ['an upper-case UUID', { ...minimal, subscriptionId: 'ABCDEF01-2345-6789-ABCD-EF0123456789' }],
    ['a secret name of 127 characters', { ...minimal, secretName: '0'.repeat(127) }],
    ['the longest idempotency key', { ...minimal, idempotencyKey: '~'.repeat(128) }],
  ])('takes %s, and adds nothing', (_, value) => {
    expect(parseRequest(value)).toStrictEqual({ kind: 'valid', value: value });
  });

  it.each(
    refused(
      ['subscriptionId', 'must be a UUID', 'myGroup', '..', `${target.subscriptionId}\n`, `{${target.subscriptionId}}`],
      ['resourceGroupName', GROUP_RULE, '', '.', '..', 'group.', 'a/b', 'a%2e', 'g'.repeat(91)],
      ['organizationName', ORGANIZATION_RULE, '..', '.hidden', 'a/../b', 'örg', 'o'.repeat(65)],
      ['environmentId', ID_RULE, '', '..', 'env.1', 'env-1\n'],
      ['environmentId', 'is required', undefined],
      ['clusterId', ID_RULE, '.', '..', '%2e%2e', '-lkc', 'lkc-1?x=1', 'lkc-1#', 'lkc\\1', 'c'.repeat(65)],
      ['clusterId', 'must be a string', ['lkc-1']],
      ['clusterId', 'is required', undefined],
      ['name', 'must be 1 to 64 characters long', '', 'n'.repeat(65)],
      ['name', 'must be a string', 42, { toString: 'x' }],
      ['name', 'is required', undefined],
      ['name', TEXT_RULE, 'a\u0000b', 'a\nb', 'a\u007fb', 'a\u0085b', 'a\u2028b', 'a\u202eb', 'a\u2066b', 'a\ud800b'],
      ['name', MARKER_RULE, 'vend:abc.1'],
      ['description', 'must be 0 to 200 characters long', 'd'.repeat(201)],
      ['description', TEXT_RULE, '\t', '\udfff'],
      ['description', MARKER_RULE, 'not mine VeNd:aaaa.1'],
      ['description', 'must be a string', false],
      ['secretName', SECRET_NAME_RULE, '', 'a_b', 'a/b', '..', 'a_ck-b', 's'.repeat(128)],
      ['secretName', OWN_NAMES_RULE, 'ck-mine', 'CK-mine'],
      ['secretFormat', FORMAT_RULE, 'pem', 'toString'],
      [
        'validFor',
        DURATION_RULE,
        '90 days',
        'P',
        'PT',
        'P1DT',
        'P1Y',
        'P3M',
        '-P1D',
        'P1.5D',
        'p1d',
        ...['W', 'D'].map((unit) => `P${'9'.repeat(10)}${unit}`),
        ...['H', 'M', 'S'].map((unit) => `PT${'9'.repeat(10)}${unit}`),
      ],
      ['validFor', 'must be a string', 7_776_000],
      ['validFor', VALIDITY_RULE, 'P0D', 'PT59S', 'P3650DT1S', 'P999999999W'],
      ['idempotencyKey', 'must be a string', 1],
      ['validateOnly', 'must be true or false', 'true', 1],
      ['idempotencyKey', KEY_RULE, '', ' a', 'a ', 'a\tb', 'schlüssel', 'k'.repeat(129)],
    ),
  )('refuses %s = %j', (field, value, detail) => {
    const { [field as keyof typeof complete]: _, ...others } = complete;
    const request = value === undefined ? others : { ...others, [field]: value };
    expect(parseRequest(request)).toEqual({ kind: 'invalid', errors: [{ pointer: `/${field}`, detail }] });
  });

  it.each(['PT1M', 'P3650D', 'P521WT72H'])('takes the validity %s, up to both ends', (validFor) => {
    expect(parseRequest({ ...minimal, validFor })).toMatchObject({ kind: 'valid', value: { validFor } });
  });

  it.each([
    ['null', null],
    ['undefined', undefined],
    ['a list', [minimal]],
    ['a string', JSON.stringify(minimal)],
    ['a number', 1],
  ])('refuses %s', (_, value) => {
    const errors = [{ pointer: '', detail: 'must be a JSON object' }];
    expect(parseRequest(value)).toEqual({ kind: 'invalid', errors });
  });

  it('takes an explicit null for an absent field: some serializers write one for every property', () => {
    const nulls = { subscriptionId: null, description: null, secretFormat: null, validateOnly: null };
    expect(parseRequest({ ...minimal, ...nulls })).toStrictEqual({ kind: 'valid', value: minimal });
    const errors = [{ pointer: '/name', detail: 'is required' }];
    expect(parseRequest({ ...minimal, name: null })).toEqual({ kind: 'invalid', errors });
  });

  it('names every unknown field, none of their values', () => {
    const unknown = JSON.parse(
      '{"clusterID":"hunter2","a/b~":"hunter2","__proto__":{"x":"hunter2"},"\\u0007":"hunter2"}',
    );
    const value = Object.assign(Object.create(null), minimal);
    for (const name of Object.keys(unknown))
      Object.defineProperty(value, name, { value: unknown[name], enumerable: true });
    expect(parseRequest(value)).toEqual({
      kind: 'invalid',
      errors: ['/clusterID', '/a~1b~0', '/__proto__', '/\uFFFD'].map((pointer) => ({
        pointer,
        detail: 'is not a known field',
      })),
    });
  });

  it('reports all broken rules at once, unknown fields included', () => {
    const parsed = parseRequest({ name: '', clusterId: '..', extra: 1 });
    const pointers = parsed.kind === 'invalid' ? parsed.errors.map(({ pointer }) => pointer) : [];
    expect(pointers).toEqual(['/environmentId', '/clusterId', '/name', '/extra']);
  });

  it('stops listing at 20 errors and cuts long names', () => {
    const many = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`field-${index}-${'x'.repeat(99)}`, 1]),
    );
    const parsed = parseRequest({ ...minimal, ...many });
    const errors = parsed.kind === 'invalid' ? parsed.errors : [];
    expect(errors).toHaveLength(21);
    expect(errors.at(-1)).toEqual({ pointer: '', detail: 'has 2980 more errors' });
    expect(Math.max(...errors.map(({ pointer }) => pointer.length))).toBeLessThan(70);
  });

  it.each([
    [20, 20, 'is not a known field'],
    [21, 21, 'has 1 more errors'],
  ])('lists %d errors in %d lines', (count, lines, last) => {
    const fields = Object.fromEntries(Array.from({ length: count }, (_, index) => [`field-${index}`, 1]));
    const parsed = parseRequest({ ...minimal, ...fields });
    const errors = parsed.kind === 'invalid' ? parsed.errors : [];
    expect([errors.length, errors.at(-1)?.detail]).toEqual([lines, last]);
  });

  it('names a field of 64 characters in full, and never by half a character', () => {
    const [whole, cut] = ['n'.repeat(64), `${'n'.repeat(63)}\u{1F511}`];
    expect(parseRequest({ ...minimal, [whole]: 1, [cut]: 1 })).toMatchObject({
      errors: [{ pointer: `/${whole}` }, { pointer: `/${'n'.repeat(63)}\uFFFD…` }],
    });
  });

  it('lets no dot segment and no delimiter through into a path', () => {
    const hostile = fc.string({ unit: fc.constantFrom(...'./\\%2eE?#@: ab-_()\n\u0000é'), maxLength: 12 });
    const fields = fc.constantFrom('environmentId', 'clusterId', 'organizationName', 'resourceGroupName');
    fc.assert(
      fc.property(fields, hostile, (field, value) => {
        const parsed = parseRequest({ ...minimal, [field]: value });
        const resolved = new URL(`https://host/before/${value}/after`).pathname;
        if (parsed.kind === 'valid') expect(resolved).toBe(`/before/${value}/after`);
      }),
      { numRuns: 3000 },
    );
  });

  it('throws at nothing', () => {
    fc.assert(fc.property(fc.anything(), (value) => ['valid', 'invalid'].includes(parseRequest(value).kind)));
  });
});
