import { expect, it } from 'vitest';
import { closestParent, parseTraceparent } from '../../../src/vending/model/tracing.ts';

const TRACE = 'a'.repeat(32);
const SPAN = 'b'.repeat(16);
const of = (trace: string, span: string): string => `00-${trace}-${span}-01`;

it('a traceparent is what W3C says it is', () => {
  expect(parseTraceparent(of(TRACE, SPAN))).toBe(of(TRACE, SPAN));
});

it.each([
  ['in capitals', of(TRACE.toUpperCase(), SPAN)],
  ['with a trace of 31 digits', of(TRACE.slice(1), SPAN)],
  ['with a trace of 33 digits', of(`${TRACE}a`, SPAN)],
  ['with a span of 15 digits', of(TRACE, SPAN.slice(1))],
  ['with a span of 17 digits', of(TRACE, `${SPAN}b`)],
  ['with flags of one digit', of(TRACE, SPAN).slice(0, -1)],
  ['of no trace', of('0'.repeat(32), SPAN)],
  ['of no span', of(TRACE, '0'.repeat(16))],
  ['of the version that is none', `ff-${TRACE}-${SPAN}-01`],
  ['with something behind', `${of(TRACE, SPAN)}-x`],
  ['with something before', `x${of(TRACE, SPAN)}`],
  ['with a line break behind', `${of(TRACE, SPAN)}\n`],
  ['of the old form', '|a.b.'],
  ['of another type', [of(TRACE, SPAN)]],
  ['that is absent', undefined],
])('a traceparent %s is dropped', (_what, value) => {
  expect(parseTraceparent(value)).toBeUndefined();
});

it('the nearer span is gone on from, but only in the trace that the sender named', () => {
  const sent = of(TRACE, SPAN);
  const near = of(TRACE, 'c'.repeat(16));
  const elsewhere = of('d'.repeat(32), SPAN);
  expect(closestParent(near, sent)).toBe(near);
  expect(closestParent(elsewhere, sent)).toBe(sent);
  expect(closestParent(elsewhere, undefined)).toBe(elsewhere);
  expect(closestParent(undefined, sent)).toBe(sent);
});
