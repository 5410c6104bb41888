import fc, { type Arbitrary } from 'fast-check';
import { anyJson, hostileName } from './json.ts';
import { hostileText } from './text.ts';

export interface Bulk {
  readonly body: string;
  /** It is in order, and names the one credential that there is: in the cluster `lkc-1126wj`, vended lately. */
  readonly isStart: boolean;
  readonly isPreview: boolean;
}

/** A value of one field. `unsound`: no such field may have it. */
interface Choice {
  readonly value: unknown;
  readonly is: 'sound' | 'elsewhere' | 'unsound';
}

const sound = (...values: readonly unknown[]): Arbitrary<Choice> =>
  fc.constantFrom(...values).map((value) => ({ value, is: 'sound' }));
const elsewhere = (...values: readonly unknown[]): Arbitrary<Choice> =>
  fc.constantFrom(...values).map((value) => ({ value, is: 'elsewhere' }));
const unsound = (...values: readonly Arbitrary<unknown>[]): Arbitrary<Choice> =>
  fc
    .oneof(...values)
    .filter((value) => value !== null && value !== undefined)
    .map((value) => ({ value, is: 'unsound' }));

const noText = unsound(fc.constantFrom<unknown>('', 7, true, 'x'.repeat(201)), fc.array(anyJson), fc.object());
const mostly = (good: Arbitrary<Choice>, other: Arbitrary<Choice>, bad: Arbitrary<Choice>): Arbitrary<Choice> =>
  fc.oneof({ arbitrary: good, weight: 8 }, { arbitrary: other, weight: 1 }, { arbitrary: bad, weight: 1 });
const text = (good: string): Arbitrary<Choice> => mostly(sound(good), elsewhere('x', 'é'.repeat(200)), noText);
const date = (good: string, other: string): Arbitrary<Choice> =>
  mostly(
    sound(good),
    elsewhere(other),
    unsound(hostileText, fc.constantFrom('2026-01-31', '2026-01-31T00:00:00', '', 0)),
  );

const CONDITIONS = {
  status: mostly(
    sound('vended'),
    elsewhere('revoked', 'unknown'),
    unsound(fc.constantFrom('Vended', 'gone', ''), hostileText),
  ),
  cluster: text('lkc-1126wj'),
  environment: text('env-12132'),
  rule: text('open'),
  organization: text('MYORGANIZATION'),
  vendedAfter: date('2000-01-31T00:00:00Z', '2099-01-31T00:00:00+02:00'),
  vendedBefore: date('2099-01-31T00:00:00+02:00', '2000-01-31T00:00:00Z'),
} as const satisfies Readonly<Record<string, Arbitrary<Choice>>>;
const AND_ANOTHER = { ...CONDITIONS, colour: unsound(fc.constantFrom('red')) };

const chosen = (fields: Readonly<Record<string, Arbitrary<Choice>>>): Arbitrary<Record<string, Choice>> =>
  fc
    .record(fields, { requiredKeys: [] })
    .map((choices) =>
      Object.fromEntries(Object.entries(choices).filter((entry): entry is [string, Choice] => entry[1] !== undefined)),
    );
const valuesOf = (choices: Readonly<Record<string, Choice>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(choices).map(([name, { value }]) => [name, value]));
const worst = (choices: readonly Choice[]): Choice['is'] => {
  if (choices.some(({ is }) => is === 'unsound')) return 'unsound';
  return choices.some(({ is }) => is === 'elsewhere') ? 'elsewhere' : 'sound';
};

const filter: Arbitrary<Choice> = fc
  .oneof({ arbitrary: chosen(CONDITIONS), weight: 9 }, { arbitrary: chosen(AND_ANOTHER), weight: 1 })
  .map((conditions) => {
    const choices = Object.values(conditions);
    return { value: valuesOf(conditions), is: choices.length === 0 ? 'unsound' : worst(choices) };
  });

const operation = fc.oneof(
  { arbitrary: sound('revoke', 'rotate'), weight: 9 },
  { arbitrary: unsound(fc.constantFrom('vend', 'Revoke', '', 1), hostileText), weight: 1 },
);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const noCount = anyJson.filter((value) => !isCount(value));
const expected = mostly(sound(1), elsewhere(0, 2), unsound(fc.constantFrom<unknown>(-1, 1.5, '1', true), noCount));
const validateOnly = fc.oneof(
  { arbitrary: fc.constantFrom(undefined, true, false).map((value): Choice => ({ value, is: 'sound' })), weight: 9 },
  { arbitrary: unsound(fc.constantFrom<unknown>('true', 1, 'yes')), weight: 1 },
);
const more = fc.oneof(
  { arbitrary: fc.constant({}), weight: 9 },
  { arbitrary: fc.dictionary(hostileName, fc.constant(1), { minKeys: 1, maxKeys: 2 }), weight: 1 },
);

/** The body of a bulk operation, with none or some of its parts out of order. */
export const nearBulk: Arbitrary<Bulk> = fc
  .tuple(filter, operation, fc.option(expected, { nil: undefined }), validateOnly, more)
  .map(([names, asks, count, tries, extra]) => {
    const body = JSON.stringify({
      ...{ operation: asks.value, filter: names.value, validateOnly: tries.value, expect: count?.value },
      ...extra,
    });
    const parts = [names, asks, tries, ...(count === undefined ? [] : [count])];
    const isSound = worst(parts) !== 'unsound' && Object.keys(extra).length === 0;
    const isPreview = isSound && tries.value === true;
    const isStart = isSound && !isPreview && count?.is === 'sound' && names.is === 'sound';
    return { body, isStart, isPreview };
  });
