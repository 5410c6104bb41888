import { expect, it } from 'vitest';
import { type Filter, matches } from '../../../src/vending/commands/filter.ts';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { HOUR, NOW, rows } from '../model/credentials.ts';

const expiring = rows.vended({}, { expiresOn: NOW });
const rotated = rows.rotated({}, { vendedAt: NOW - HOUR });
const rotating = rows.rotating({}, { claimedAt: NOW + HOUR });

it.each<[string, Credential, Filter, boolean]>([
  ['what expires then, among what expires earlier', expiring, { expiresBefore: NOW }, false],
  ['what expires a millisecond earlier', expiring, { expiresBefore: NOW + 1 }, true],
  ['what expires then, among what expires then or later', expiring, { expiresAfter: NOW }, true],
  ['what expires a millisecond earlier, among what expires later', expiring, { expiresAfter: NOW + 1 }, false],
  ['what never expires, among what expires earlier', rows.vended(), { expiresBefore: NOW + HOUR }, false],
  ['what never expires, among what expires later', rows.vended(), { expiresAfter: 1 }, false],
  ['what was vended then, among what was vended earlier', rows.vended(), { vendedBefore: NOW }, false],
  ['what was vended then, among what was vended then or later', rows.vended(), { vendedAfter: NOW }, true],
  ['what was vended a millisecond earlier', rows.vended(), { vendedAfter: NOW + 1 }, false],
  ['the previous key, by its own date', rotated, { vendedBefore: NOW }, true],
  ['the current key beside an older previous one', rotated, { vendedAfter: NOW }, true],
  ['a key that may just be made', rotating, { vendedAfter: NOW + HOUR }, true],
  ['nothing that has no key', rows.failed(), { vendedAfter: 1 }, false],
  ['a secret name in other letters', rows.vended({ secretName: 'Orders-Main' }), { secretName: 'oRDERS-mAIN' }, true],
  ['a cluster in other letters', rows.vended(), { cluster: 'LKC-1126WJ' }, false],
  ['a key that is under way', rows.minted(), { apiKeyId: 'KEY1' }, true],
  ['a key that is previous', rotated, { apiKeyId: 'KEY1' }, true],
  ['a key of another credential', rotated, { apiKeyId: 'KEY9' }, false],
])('a filter finds %s, or does not', (_, row, filter, isFound) => {
  expect(matches(filter, row)).toBe(isFound);
});
