import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLE, type Json, type PostOptions, type Reply, Rig, until } from './harness.ts';

/** What a caller may have put into the wrong field: no answer may repeat it. */
const HUSH = 'hush-hush';
const LIMIT = 16 * 1024;
const but = (fields: Json): Json => ({ ...EXAMPLE, ...fields });
const without = (field: string): Json => Object.fromEntries(Object.entries(EXAMPLE).filter(([name]) => name !== field));
const padded = (bytes: number): string => JSON.stringify(but({ unknown: 1 })).padEnd(bytes);

let rig: Rig;
let before: readonly string[];
beforeAll(async () => {
  rig = await Rig.start();
  // The vault is proven, the token cached: from here on, nothing may go out.
  await rig.post(EXAMPLE, { key: 'first' });
  // Its audit records leave the ledger seconds later.
  before = await until(async () => {
    const keys = await rig.rowKeys();
    return keys.some((key) => key.startsWith('audit_')) ? undefined : keys;
  });
});
afterAll(async () => {
  await rig.close();
});

function expectProblem({ status, headers, body }: Reply, expected: readonly [number, string]): void {
  expect([status, body.type]).toEqual([expected[0], `urn:confluent-key-vending:problem:${expected[1]}`]);
  expect(body.status).toBe(status);
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(headers.get('cache-control')).toBe('no-store');
  const text = JSON.stringify(body);
  expect(text).not.toContain(HUSH);
  expect(text).not.toMatch(/\bat .*:\d+:\d+|node:|\.[ct]s\b/);
}

async function expectNothingDone(): Promise<void> {
  expect(rig.sandbox.azure.arm.requests()).toHaveLength(1);
  expect(await rig.rowKeys()).toEqual(before);
}

const DOTS = ['..', '.', '%2e%2e', '%2E.', 'a/b', 'a\\b', '../..', 'a/../b', ' env', '', 'a?b', 'a#b', 'ä'];
const IDS = ['subscriptionId', 'resourceGroupName', 'organizationName', 'environmentId', 'clusterId', 'secretName'];

const FIELDS: readonly (readonly [string, Json, pointer: string])[] = [
  ['an unknown field', but({ environment: HUSH }), '/environment'],
  ['a field whose name needs escaping', but({ 'a/b~c': HUSH }), '/a~1b~0c'],
  ['the name of a prototype', JSON.parse(`{"__proto__": {"name": "${HUSH}"}}`), '/__proto__'],
  ['no environment', without('environmentId'), '/environmentId'],
  ['no cluster', without('clusterId'), '/clusterId'],
  ['no name', without('name'), '/name'],
  ['a number as name', but({ name: 7 }), '/name'],
  ['an array as cluster', but({ clusterId: [HUSH] }), '/clusterId'],
  ['an empty name', but({ name: '' }), '/name'],
  ['an over-long name', but({ name: HUSH.repeat(10) }), '/name'],
  ['an over-long description', but({ description: HUSH.repeat(30) }), '/description'],
  ['a control character in the name', but({ name: `${HUSH}\u0000` }), '/name'],
  ['a line break in the description', but({ description: `${HUSH}\n` }), '/description'],
  ['a bidirectional control in the name', but({ name: `${HUSH}\u202e` }), '/name'],
  ['half a surrogate pair', but({ description: `${HUSH}\ud800` }), '/description'],
  ['our marker in the name', but({ name: `${HUSH} vend:x.1` }), '/name'],
  ['our marker, shouted, in the description', but({ description: `${HUSH} VEND:x.1` }), '/description'],
  ['an unknown secret format', but({ secretFormat: HUSH }), '/secretFormat'],
  ['a validity that is no duration', but({ validFor: HUSH }), '/validFor'],
  ['a validity in months', but({ validFor: 'P3M' }), '/validFor'],
  ['a validity of nothing', but({ validFor: 'PT0S' }), '/validFor'],
  ['a validity of a century', but({ validFor: 'P36500D' }), '/validFor'],
  ['a reserved secret name', but({ secretName: 'ck-mine' }), '/secretName'],
  ['a reserved secret name, shouted', but({ secretName: 'CK-mine' }), '/secretName'],
  ["a secret name without the caller's prefix", but({ secretName: 'payments-1' }), '/secretName'],
  ['an over-long secret name', but({ secretName: 'portal-'.repeat(20) }), '/secretName'],
  ['an over-long idempotency key', but({ idempotencyKey: HUSH.repeat(20) }), '/idempotencyKey'],
  ...IDS.flatMap((field) =>
    DOTS.map((value) => [`${JSON.stringify(value)} as ${field}`, but({ [field]: value }), `/${field}`] as const),
  ),
];

type BadBody = [what: string, body: unknown, expected: readonly [number, string], options?: PostOptions];
const BODIES: readonly BadBody[] = [
  ['no JSON', HUSH, [400, 'malformed-request']],
  ['an empty body', '', [400, 'malformed-request']],
  ['JSON that breaks off', JSON.stringify(but({ name: HUSH })).slice(0, -1), [400, 'malformed-request']],
  ['two documents', `${JSON.stringify(EXAMPLE)} {}`, [400, 'malformed-request']],
  ['an array', [EXAMPLE], [400, 'invalid-request']],
  ['null', 'null', [400, 'invalid-request']],
  ['a duplicate name', `{"name": "${HUSH}", ${JSON.stringify(EXAMPLE).slice(1)}`, [400, 'malformed-request']],
  [
    'a duplicate name in disguise',
    `{"n\\u0061me": "x", ${JSON.stringify(EXAMPLE).slice(1)}`,
    [400, 'malformed-request'],
  ],
  ['deep nesting', '['.repeat(8000) + ']'.repeat(8000), [400, 'malformed-request']],
  ['invalid UTF-8', Buffer.from(`{"name": "${HUSH}\xff"}`, 'latin1'), [400, 'malformed-request']],
  ['UTF-16', Buffer.from(JSON.stringify(EXAMPLE), 'utf16le'), [400, 'malformed-request']],
  ['16 KiB to the byte, judged by its contents', padded(LIMIT), [400, 'invalid-request']],
  ['one byte more than 16 KiB', padded(LIMIT + 1), [413, 'payload-too-large']],
  ['a megabyte', padded(1024 * 1024), [413, 'payload-too-large']],
  ['another content type', EXAMPLE, [415, 'unsupported-media-type'], { headers: { 'content-type': 'text/plain' } }],
  [
    'no content type',
    Buffer.from(JSON.stringify(EXAMPLE)),
    [415, 'unsupported-media-type'],
    { headers: { 'content-type': '' } },
  ],
  [
    'another charset',
    EXAMPLE,
    [415, 'unsupported-media-type'],
    { headers: { 'content-type': 'application/json; charset=utf-16' } },
  ],
  ['a content encoding', EXAMPLE, [415, 'unsupported-media-type'], { headers: { 'content-encoding': 'gzip' } }],
];

describe('a request', () => {
  it.each(FIELDS)('with %s is refused, and the answer names the field', async (_, body, pointer) => {
    const reply = await rig.post(body, { key: 'bad-field' });
    expectProblem(reply, [400, 'invalid-request']);
    expect((reply.body.errors as { pointer: string }[]).map((error) => error.pointer)).toContain(pointer);
    await expectNothingDone();
  });

  it.each<BadBody>(BODIES)('with %s is refused', async (_, body, expected, options = {}) => {
    expectProblem(await rig.post(body, { key: 'bad-body', ...options }), expected);
    await expectNothingDone();
  });

  it.each<[string, Json, Record<string, string>, string]>([
    ['no idempotency key', EXAMPLE, {}, 'idempotency-key-required'],
    ['an over-long one', EXAMPLE, { 'idempotency-key': HUSH.repeat(20) }, 'invalid-request'],
    // The host reads headers as UTF-8, fetch writes Latin-1.
    ['one that is not ASCII', EXAMPLE, { 'idempotency-key': `${HUSH}\u00c3\u00a4` }, 'invalid-request'],
    ['an empty one', EXAMPLE, { 'idempotency-key': '' }, 'invalid-request'],
    ['another one in its body', but({ idempotencyKey: HUSH }), { 'idempotency-key': 'a' }, 'invalid-request'],
  ])('with %s is refused, and told which header it is about', async (_, body, headers, type) => {
    const reply = await rig.post(body, { headers });
    expectProblem(reply, [400, type]);
    expect(reply.body.detail).toMatch(/idempotency-key/i);
    await expectNothingDone();
  });

  it('may be refused for more than one field, but the answer stays short', async () => {
    const noise = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`f${n}`, HUSH]));
    const reply = await rig.post(but(noise), { key: 'noise' });
    expectProblem(reply, [400, 'invalid-request']);
    expect(reply.body.errors).toHaveLength(21);
  });
});

/** As it is: `fetch` would normalise the path. */
async function rawGet(path: string, method = 'GET'): Promise<{ status: number | undefined; body: string }> {
  const { hostname, port } = new URL(rig.url);
  const headers = { authorization: `Bearer ${await rig.token()}` };
  const sent = request({ hostname, port, path, method, headers, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode, body: Buffer.concat(chunks).toString() };
}

describe('looking up', () => {
  it.each([
    ['an id that nobody has', 'a'.repeat(26)],
    ['no id at all', 'x'],
    ['a shouted id', 'A'.repeat(26)],
    ['a quote', "a'%20or%20'1'%20eq%20'1"],
    ['an encoded slash', '..%2f..%2fhealth'],
    ['a line break', `${'a'.repeat(26)}%0a`],
    ['a very long one', 'a'.repeat(7000)],
  ])('%s is a 404 that says no more', async (_, id) => {
    const { status, body } = await rawGet(`/api/v1/credentials/${id}`);
    expect(status).toBe(404);
    expect(JSON.parse(body)).toEqual({
      type: 'urn:confluent-key-vending:problem:not-found',
      title: 'There is no such credential',
      status: 404,
      detail: 'No credential with this id is yours.',
      // Only an id that can be one is repeated.
      ...(id === 'a'.repeat(26) && { credentialId: id }),
    });
  });

  it.each(['/..', '/%2e%2e', '/%2E%2E/', '/a/b', '/../../../ledger'])('the path %o ends at no function', async (tail) =>
    expect(await rawGet(`/api/v1/credentials${tail}`)).toEqual({ status: 404, body: '' }),
  );

  it.each(['PUT', 'PATCH', 'HEAD'])('%s is no method of this interface', async (method) => {
    expect(await rawGet('/api/v1/credentials', method)).toEqual({ status: 404, body: '' });
    expect(await rawGet(`/api/v1/credentials/${'a'.repeat(26)}`, method)).toEqual({ status: 404, body: '' });
  });
});
