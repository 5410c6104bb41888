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
    expect(parseRequest(value)).toStrictEqual({ kind: 'valid', request: value });
  });

  it.each<[string, unknown, string]>([
    ['subscriptionId', 'myGroup', 'must be a UUID'],
    ['subscriptionId', '..', 'must be a UUID'],
    ['subscriptionId', `${target.subscriptionId}\n`, 'must be a UUID'],
    ['subscriptionId', `{${target.subscriptionId}}`, 'must be a UUID'],
    ['resourceGroupName', '', GROUP_RULE],
    ['resourceGroupName', '.', GROUP_RULE],
    ['resourceGroupName', '..', GROUP_RULE],
    ['resourceGroupName', 'group.', GROUP_RULE],
    ['resourceGroupName', 'a/b', GROUP_RULE],
    ['resourceGroupName', 'a%2e', GROUP_RULE],
    ['resourceGroupName', 'g'.repeat(91), GROUP_RULE],
    ['organizationName', '..', ORGANIZATION_RULE],
    ['organizationName', '.hidden', ORGANIZATION_RULE],
    ['organizationName', 'a/../b', ORGANIZATION_RULE],
    ['organizationName', 'örg', ORGANIZATION_RULE],
    ['organizationName', 'o'.repeat(65), ORGANIZATION_RULE],
    ['environmentId', '', ID_RULE],
    ['environmentId', '..', ID_RULE],
    ['environmentId', 'env.1', ID_RULE],
    ['environmentId', 'env-1\n', ID_RULE],
    ['environmentId', undefined, 'is required'],
    ['clusterId', '.', ID_RULE],
    ['clusterId', '..', ID_RULE],
    ['clusterId', '%2e%2e', ID_RULE],
    ['clusterId', '-lkc', ID_RULE],
    ['clusterId', 'lkc-1?x=1', ID_RULE],
    ['clusterId', 'lkc-1#', ID_RULE],
    ['clusterId', 'lkc\\1', ID_RULE],
    ['clusterId', 'c'.repeat(65), ID_RULE],
    ['clusterId', ['lkc-1'], 'must be a string'],
    ['clusterId', undefined, 'is required'],
    ['name', '', 'must be 1 to 64 characters long'],
    ['name', 'n'.repeat(65), 'must be 1 to 64 characters long'],
    ['name', 42, 'must be a string'],
    ['name', { toString: 'x' }, 'must be a string'],
    ['name', undefined, 'is required'],
    ['name', 'a\u0000b', TEXT_RULE],
    ['name', 'a\nb', TEXT_RULE],
    ['name', 'a\u007fb', TEXT_RULE],
    ['name', 'a\u0085b', TEXT_RULE],
    ['name', 'a\u2028b', TEXT_RULE],
    ['name', 'a\u202eb', TEXT_RULE],
    ['name', 'a\u2066b', TEXT_RULE],
    ['name', 'a\ud800b', TEXT_RULE],
    ['name', 'vend:abc.1', MARKER_RULE],
    ['description', 'd'.repeat(201), 'must be 0 to 200 characters long'],
    ['description', '\t', TEXT_RULE],
    ['description', '\udfff', TEXT_RULE],
    ['description', 'not mine VeNd:aaaa.1', MARKER_RULE],
    ['description', false, 'must be a string'],
    ['secretName', '', SECRET_NAME_RULE],
    ['secretName', 'a_b', SECRET_NAME_RULE],
    ['secretName', 'a/b', SECRET_NAME_RULE],
    ['secretName', '..', SECRET_NAME_RULE],
    ['secretName', 's'.repeat(128), SECRET_NAME_RULE],
    ['secretName', 'ck-mine', OWN_NAMES_RULE],
    ['secretName', 'CK-mine', OWN_NAMES_RULE],
    ['secretFormat', 'pem', FORMAT_RULE],
    ['secretFormat', 'toString', FORMAT_RULE],
    ['validFor', '90 days', DURATION_RULE],
    ['validFor', 'P', DURATION_RULE],
    ['validFor', 'PT', DURATION_RULE],
    ['validFor', 'P1DT', DURATION_RULE],
    ['validFor', 'P1Y', DURATION_RULE],
    ['validFor', 'P3M', DURATION_RULE],
    ['validFor', '-P1D', DURATION_RULE],
    ['validFor', 'P1.5D', DURATION_RULE],
    ['validFor', 'p1d', DURATION_RULE],
    ['validFor', `P${'9'.repeat(10)}D`, DURATION_RULE],
    ['validFor', 7_776_000, 'must be a string'],
    ['validFor', 'P0D', VALIDITY_RULE],
    ['validFor', 'PT59S', VALIDITY_RULE],
    ['validFor', 'P3650DT1S', VALIDITY_RULE],
    ['validFor', 'P999999999W', VALIDITY_RULE],
    ['idempotencyKey', '', KEY_RULE],
    ['idempotencyKey', ' a', KEY_RULE],
    ['idempotencyKey', 'a ', KEY_RULE],
    ['idempotencyKey', 'a\tb', KEY_RULE],
    ['idempotencyKey', 'schlüssel', KEY_RULE],
    ['idempotencyKey', 'k'.repeat(129), KEY_RULE],
  ])('refuses %s = %j', (field, value, detail) => {
    const { [field as keyof typeof complete]: _, ...others } = complete;
    const request = value === undefined ? others : { ...others, [field]: value };
    expect(parseRequest(request)).toEqual({ kind: 'invalid', errors: [{ pointer: `/${field}`, detail }] });
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
    expect(parseRequest({ ...minimal, ...nulls })).toStrictEqual({ kind: 'valid', request: minimal });
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
