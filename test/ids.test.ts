import { expect, it } from 'vitest';
import { systemIds } from '../src/runtime.ts';
import { markerOf, readMarker } from '../src/vending/model/idempotency.ts';

it('a random nonce makes a marker that a recovery can read, and hardly two are the same', () => {
  const id = 'a'.repeat(26);
  const attempts = Array.from({ length: 100 }, (_none, at) => ({ attempt: at + 1, nonce: systemIds.nonce() }));
  for (const attempt of attempts) expect(readMarker(markerOf(id, attempt))).toEqual({ id, ...attempt });
  expect(new Set(attempts.map(({ nonce }) => nonce)).size).toBeGreaterThan(95);
  expect(systemIds.writeId()).not.toBe(systemIds.writeId());
});
