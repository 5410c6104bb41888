import fc, { type Arbitrary } from 'fast-check';
import { anyJson, hostileName, leaf } from './json.ts';
import { hostileText, tainted } from './text.ts';

export type Json = Readonly<Record<string, unknown>>;

const text = (min: number, max: number): Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'abc XYZ 019 äß 鍵 .-_'), minLength: min, maxLength: max });
const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/);

const FIELDS = {
  subscriptionId: fc.uuid(),
  resourceGroupName: fc.stringMatching(/^[A-Za-z0-9._()-]{0,89}[A-Za-z0-9_()-]$/),
  organizationName: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  environmentId: id,
  clusterId: id,
  name: text(1, 64),
  description: text(0, 200),
  secretName: fc.stringMatching(/^portal-[0-9A-Za-z-]{0,120}$/),
  secretFormat: fc.constantFrom('secret', 'json', 'jaas', 'basic-auth'),
  validFor: fc.constantFrom('PT1M', 'P90D', 'P3650D', 'P1W', 'P1DT2H3M4S'),
  idempotencyKey: fc.stringMatching(/^[!-~]([ -~]{0,126}[!-~])?$/),
};
const NAMES = Object.keys(FIELDS);
/** The longest that a field may be, from what it may begin with and go on with. */
const LONGEST: Readonly<Record<string, readonly [head: string, unit: string, length: number]>> = {
  resourceGroupName: ['', '(', 90],
  organizationName: ['0', '.', 64],
  environmentId: ['e', '-', 64],
  clusterId: ['c', '_', 64],
  name: ['', '\u{1F600}', 64],
  description: ['', 'é', 200],
  secretName: ['portal-', '9', 127],
  idempotencyKey: ['', '~', 128],
};

const atLimit = Object.entries(LONGEST).flatMap(([name, [head, unit, length]]) =>
  [length, length + 1].map((characters) => ({ [name]: head + unit.repeat(characters - head.length) })),
);

export const validRequest: Arbitrary<Json> = fc.record(FIELDS, {
  requiredKeys: ['environmentId', 'clusterId', 'name'],
});

const replaced = (request: Json): Arbitrary<Json> =>
  fc.constantFrom(...NAMES).chain((field) => {
    const before = request[field];
    const nearly = typeof before === 'string' ? tainted(before) : hostileText;
    return fc.oneof(nearly, nearly, hostileText, leaf, anyJson).map((value) => ({ ...request, [field]: value }));
  });

const lacking = (request: Json): Arbitrary<Json> =>
  fc
    .subarray(NAMES, { minLength: 1 })
    .map((absent) => Object.fromEntries(Object.entries(request).filter(([name]) => !absent.includes(name))));

const MANY = Array.from({ length: 25 }, (_, n): [string, unknown] => [`f${n}`, n]);
const extended = (request: Json): Arbitrary<Json> =>
  fc
    .oneof(
      {
        arbitrary: fc.array(fc.tuple(hostileName, fc.oneof(leaf, anyJson)), { minLength: 1, maxLength: 5 }),
        weight: 20,
      },
      { arbitrary: fc.constant(MANY), weight: 1 },
    )
    .map((more) => Object.fromEntries([...Object.entries(request), ...more]));

const wrapped = (request: Json): Arbitrary<unknown> =>
  fc.constantFrom<unknown>([request], { request }, { data: request }, { body: JSON.stringify(request) }, [], null);

/** Requests with one thing changed: most are no longer valid, and whoever uses them has to find out which. */
export const nearRequest: Arbitrary<unknown> = validRequest.chain((request) =>
  fc.oneof(
    { arbitrary: replaced(request), weight: 6 },
    { arbitrary: fc.constantFrom(...atLimit).map((field) => ({ ...request, ...field })), weight: 2 },
    { arbitrary: lacking(request), weight: 1 },
    { arbitrary: extended(request), weight: 2 },
    { arbitrary: wrapped(request), weight: 1 },
    { arbitrary: anyJson, weight: 1 },
    { arbitrary: fc.constant(request), weight: 1 },
  ),
);
