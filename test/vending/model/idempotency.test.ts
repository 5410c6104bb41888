import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeWithMarker,
  type IdempotencyKey,
  intentIdOf,
  markerOf,
  parseIdempotencyKey,
  REQUEST_ID_PATTERN,
} from '../../../src/vending/model/idempotency.ts';

const caller = 'entra:11111111-1111-1111-1111-111111111111:22222222-2222-2222-2222-222222222222';

describe('intentIdOf', () => {
  it.each<[string, string, IdempotencyKey, string]>([
    ['a key', caller, { kind: 'key', key: 'order-4711' }, 'dnbrlb7xucvmbmfmthivs4udeb'],
    ['a message id', 'queue:vend-requests', { kind: 'msg', messageId: 'm-1' }, 'qjwcynhffws6sjhqyhk3dwz5ub'],
    ['a CloudEvent', 'events', { kind: 'ce', source: '/onboarding', id: '1' }, 'vr2qtmmar6pfcuiui3wmy6cbxj'],
  ])('of %s never changes: rows of the ledger are found by it', (_, who, key, id) => {
    expect(intentIdOf(who, key)).toBe(id);
  });

  it('is the beginning of the base32 of the whole hash', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(
      fc.property(text, text, (who, key) => {
        const hash = createHash('sha256')
          .update(JSON.stringify([who, 'key', key]))
          .digest();
        const bits = BigInt(`0x${hash.toString('hex')}`) >> (256n - 130n);
        const number = [...intentIdOf(who, { kind: 'key', key })].reduce(
          (sum, digit) => sum * 32n + BigInt('abcdefghijklmnopqrstuvwxyz234567'.indexOf(digit)),
          0n,
        );
        expect(number).toBe(bits);
      }),
    );
  });

  it('tells apart callers, kinds and the borders between parts', () => {
    const ids = [
      intentIdOf('a', { kind: 'key', key: 'x' }),
      intentIdOf('b', { kind: 'key', key: 'x' }),
      intentIdOf('a', { kind: 'msg', messageId: 'x' }),
      intentIdOf('a', { kind: 'ce', source: 'x', id: '' }),
      intentIdOf('a', { kind: 'ce', source: '', id: 'x' }),
      intentIdOf('a', { kind: 'key', key: 'x","' }),
      intentIdOf('a","key', { kind: 'key', key: 'x' }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => REQUEST_ID_PATTERN.test(id))).toBe(true);
  });
});

describe('parseIdempotencyKey', () => {
  it.each(['a', '4711', 'order 4711 / key', '"quoted"', '~'.repeat(128), '!~'])('takes %j verbatim', (text) => {
    expect(parseIdempotencyKey(text)).toBe(text);
  });

  it.each(['', ' ', ' a', 'a ', 'a\tb', 'a\nb', 'a\u0000', '\u007f', 'ä', '\u00a0', '🔑', 'k'.repeat(129)])(
    'refuses %j',
    (text) => {
      expect(parseIdempotencyKey(text)).toBeUndefined();
    },
  );
});

describe('REQUEST_ID_PATTERN', () => {
  it.each([
    '',
    'a'.repeat(25),
    'a'.repeat(27),
    'A'.repeat(26),
    '1'.repeat(26),
    `${'a'.repeat(26)}\n`,
    '../'.padEnd(26, 'a'),
  ])('refuses %j', (text) => {
    expect(REQUEST_ID_PATTERN.test(text)).toBe(false);
  });
});

describe('describeWithMarker', () => {
  it.each([
    ['the text', 'For the portal', 'For the portal vend:abc.2'],
    ['nothing', undefined, 'vend:abc.2'],
    ['an empty text', '', 'vend:abc.2'],
  ])('puts the marker last after %s', (_, description, described) => {
    expect(describeWithMarker(description, 'abc', 2)).toBe(described);
    expect(described.split(' ').at(-1)).toBe(markerOf('abc', 2));
  });
});
