import { expect, it } from 'vitest';
import { createVerifiedTokens } from '../../../src/azure/entra/caller-authenticator.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;
const CALLER = { id: 'entra:tenant:oid', roles: ['Keys.Vend'] };

it('knows whose a token is that was verified less than five minutes ago', () => {
  const tokens = createVerifiedTokens();
  expect(tokens.find('a.b.c', NOW)).toBeUndefined();
  tokens.keep('a.b.c', CALLER, NOW + HOUR_MS, NOW);
  expect(tokens.find('a.b.c', NOW + 299_999)).toEqual(CALLER);
  expect(tokens.find('a.b.c', NOW + 300_000)).toBeUndefined();
});

it('knows no token that has ended', () => {
  const tokens = createVerifiedTokens();
  tokens.keep('a.b.c', CALLER, NOW + 1_000, NOW);
  expect(tokens.find('a.b.c', NOW + 999)).toEqual(CALLER);
  expect(tokens.find('a.b.c', NOW + 1_000)).toBeUndefined();
});

it('takes no other token for it, be it one letter of the signature', () => {
  const tokens = createVerifiedTokens();
  tokens.keep('a.b.c', CALLER, NOW + HOUR_MS, NOW);
  for (const other of ['a.b.d', 'a.b.', 'a.b.c ', '']) expect(tokens.find(other, NOW)).toBeUndefined();
});

it('forgets the oldest of more than a thousand', () => {
  const tokens = createVerifiedTokens();
  for (let number = 0; number <= 1_000; number++) tokens.keep(`token-${number}`, CALLER, NOW + HOUR_MS, NOW);
  expect(tokens.find('token-0', NOW)).toBeUndefined();
  expect(tokens.find('token-1', NOW)).toEqual(CALLER);
  expect(tokens.find('token-1000', NOW)).toEqual(CALLER);
});
