import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CREDENTIAL_ID_PATTERN,
  credentialIdOf,
  describeWithMarker,
  type IdempotencyKey,
  markerOf,
  nonceOf,
  parseIdempotencyKey,
  readMarker,
  requestKeyOf,
} from '../../../src/vending/model/idempotency.ts';
import { ID } from './credentials.ts';

const caller = 'entra:11111111-1111-1111-1111-111111111111:22222222-2222-2222-2222-222222222222';
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

describe('credentialIdOf', () => {
  it.each<[string, string, IdempotencyKey, string]>([
    ['a key', caller, { kind: 'key', key: 'order-4711' }, 'dnbrlb7xucvmbmfmthivs4udeb'],
    ['a message id', 'queue:vend-requests', { kind: 'msg', messageId: 'm-1' }, 'qjwcynhffws6sjhqyhk3dwz5ub'],
    ['a CloudEvent', 'events', { kind: 'ce', source: '/onboarding', id: '1' }, 'vr2qtmmar6pfcuiui3wmy6cbxj'],
  ])('of %s never changes: the ledger finds rows by it', (_, who, key, id) => {
    expect(credentialIdOf(who, key)).toBe(id);
  });

  it('is the beginning of the base32 of the whole hash', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(
      fc.property(text, text, (who, key) => {
        const hash = createHash('sha256')
          .update(JSON.stringify([who, 'key', key]))
          .digest();
        const bits = BigInt(`0x${hash.toString('hex')}`) >> (256n - 130n);
        const number = [...credentialIdOf(who, { kind: 'key', key })].reduce(
          (sum, digit) => sum * 32n + BigInt(BASE32.indexOf(digit)),
          0n,
        );
        expect(number).toBe(bits);
      }),
    );
  });

  it('differs for callers, kinds and the borders between parts', () => {
    const ids = [
      credentialIdOf('a', { kind: 'key', key: 'x' }),
      credentialIdOf('b', { kind: 'key', key: 'x' }),
      credentialIdOf('a', { kind: 'msg', messageId: 'x' }),
      credentialIdOf('a', { kind: 'ce', source: 'x', id: '' }),
      credentialIdOf('a', { kind: 'ce', source: '', id: 'x' }),
      credentialIdOf('a', { kind: 'key', key: 'x","' }),
      credentialIdOf('a","key', { kind: 'key', key: 'x' }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => CREDENTIAL_ID_PATTERN.test(id))).toBe(true);
  });

  it('names a rotation by who asks and by their key', () => {
    const keys = [
      requestKeyOf('a', { kind: 'key', key: 'x' }),
      requestKeyOf('b', { kind: 'key', key: 'x' }),
      requestKeyOf('a', { kind: 'msg', messageId: 'x' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
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

describe('CREDENTIAL_ID_PATTERN', () => {
  it.each([
    '',
    'a'.repeat(25),
    'a'.repeat(27),
    'A'.repeat(26),
    '1'.repeat(26),
    `${'a'.repeat(26)}\n`,
    '../'.padEnd(26, 'a'),
  ])('refuses %j', (text) => {
    expect(CREDENTIAL_ID_PATTERN.test(text)).toBe(false);
  });
});

describe('a marker', () => {
  const attempt = { attempt: 2, nonce: 'abc234' };
  const MARKER = `vend:${ID}.2.abc234`;

  it.each([
    ['the text', 'For the portal', `For the portal ${MARKER}`],
    ['nothing', undefined, MARKER],
    ['an empty text', '', MARKER],
  ])('is the last word after %s', (_, description, described) => {
    expect(describeWithMarker(description, ID, attempt)).toBe(described);
    expect(readMarker(described)).toEqual({ id: ID, ...attempt });
  });

  it('is read back for every attempt that there may be', () => {
    const attempts = fc.record({
      attempt: fc.integer({ min: 1, max: 999_999_999 }),
      nonce: fc.uint8Array({ minLength: 4, maxLength: 8 }).map(nonceOf),
    });
    fc.assert(
      fc.property(attempts, (of) => {
        expect(of.nonce).toMatch(/^[a-z2-7]{6}$/);
        expect(readMarker(markerOf(ID, of))).toEqual({ id: ID, ...of });
      }),
    );
  });

  it.each([
    ['is not last', `${MARKER} and more`],
    ['is part of a word', `x${MARKER}`],
    ['has no nonce', `vend:${ID}.2`],
    ['has a longer nonce', `${MARKER}a`],
    ['begins its number with zero', `vend:${ID}.02.abc234`],
    ['has another id', `vend:${'A'.repeat(26)}.2.abc234`],
    ['ends in a line break', `${MARKER}\n`],
    ['is absent', 'For the portal'],
    ['has no description around it', undefined],
  ])('is not read where it %s', (_, description) => {
    expect(readMarker(description)).toBeUndefined();
  });
});
