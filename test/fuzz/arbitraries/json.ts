import fc, { type Arbitrary } from 'fast-check';
import { hostileText } from './text.ts';

const NUMBERS = [0, -0, 1, -1, 1.5, 64, 2 ** 31, 2 ** 53 - 1, 2 ** 53 + 2, 1e21, 1.7976931348623157e308, 5e-324];

/** Names that mean something to JavaScript, to the library or to the host, or that nearly mean something to us. */
export const hostileName: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'hasOwnProperty',
    'toJSON',
    'then',
    'Name',
    'name ',
    'n\u0430me',
    'environmentid',
    'environmentId\u0000',
    'messageId',
    'replyTo',
    'applicationProperties',
    'specversion',
    'data',
    '',
    'a/b~c',
    'x'.repeat(300),
  ),
  fc.string({ unit: 'binary', maxLength: 80 }),
);

export const leaf: Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom(...NUMBERS),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);

const objectOf = (value: Arbitrary<unknown>): Arbitrary<object> =>
  fc.array(fc.tuple(hostileName, value), { maxLength: 4 }).map((entries) => Object.fromEntries(entries));

/** JSON of every kind, in values: what is too large a number for it, or a hole, it does not have. */
export const anyJson: Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    objectOf(tie('value')),
  ),
})).value;

/** Nested so deeply that whoever recurses falls over: around our limit, and beyond that of a stack. */
export const deepText: Arbitrary<string> = fc
  .tuple(fc.constantFrom('[', '{"a":', '[{"a":'), fc.constantFrom(15, 16, 17, 64, 65, 5_000), fc.boolean())
  .map(([open, depth, isClosed]) => {
    const close = open === '[' ? ']' : open === '{"a":' ? '}' : '}]';
    return `${open.repeat(depth)}0${isClosed ? close.repeat(depth) : ''}`;
  });
