import { describe, expect, it } from 'vitest';
import {
  endOverlapSchema,
  hashRotation,
  type Operation,
  overlapMsOf,
  parseOperation,
  rotationSchema,
  writeOperation,
} from '../../../src/vending/request/operation.ts';

const ID = 'abcdefghijklmnopqrstuvwxyz';
const VEND = { environmentId: 'env-1', clusterId: 'lkc-1', name: 'orders' };
const HOUR = 3_600_000;

const KEY_RULE = 'must be the id of an API key';
const OVERLAP_RULE =
  'must be an ISO 8601 duration in weeks, days, hours, minutes or seconds, PT1M to P3650D, such as PT48H';
const LIMITS_RULE = 'must be at least PT1M and at most P3650D';
const ID_RULE = 'must be the id of an earlier answer';

describe('parseOperation', () => {
  it.each<[string, unknown, Operation]>([
    ['a vend request as it is', VEND, { operation: 'vend', request: VEND }],
    ['a revocation', { operation: 'revoke', id: ID }, { operation: 'revoke', id: ID }],
    [
      'a revocation that is only tried',
      { operation: 'revoke', id: ID, validateOnly: true },
      { operation: 'revoke', id: ID, validateOnly: true },
    ],
    ['a rotation', { operation: 'rotate', id: ID }, { operation: 'rotate', id: ID }],
    [
      'a rotation with its terms',
      { operation: 'rotate', id: ID, replaces: 'KEY1', overlap: 'PT48H', idempotencyKey: 'r1', validateOnly: true },
      { operation: 'rotate', id: ID, replaces: 'KEY1', overlap: 'PT48H', idempotencyKey: 'r1', validateOnly: true },
    ],
    [
      'the end of an overlap',
      { operation: 'end-overlap', id: ID, apiKeyId: 'KEY1' },
      { operation: 'end-overlap', id: ID, apiKeyId: 'KEY1' },
    ],
    ['a null for an absent field', { operation: 'rotate', id: ID, overlap: null }, { operation: 'rotate', id: ID }],
    [
      'an overlap of nothing',
      { operation: 'rotate', id: ID, overlap: 'PT0S' },
      { operation: 'rotate', id: ID, overlap: 'PT0S' },
    ],
  ])('takes %s, and writes it so that it is read again', (_, value, operation) => {
    expect(parseOperation(value)).toEqual({ kind: 'valid', value: operation });
    expect(parseOperation(writeOperation(operation))).toEqual({ kind: 'valid', value: operation });
  });

  it.each<[string, object, string, string]>([
    ['another operation', { operation: 'mint', id: ID }, '/operation', 'must be "revoke", "rotate" or "end-overlap"'],
    ['no id', { operation: 'revoke' }, '/id', 'is required'],
    ['a number for an id', { operation: 'revoke', id: 7 }, '/id', 'must be a string'],
    ['an id of something else', { operation: 'revoke', id: 'order-1' }, '/id', ID_RULE],
    [
      'a field of another operation',
      { operation: 'revoke', id: ID, overlap: 'PT48H' },
      '/overlap',
      'is not a known field',
    ],
    ['a path for a key', { operation: 'rotate', id: ID, replaces: '..' }, '/replaces', KEY_RULE],
    ['a number for a key', { operation: 'rotate', id: ID, replaces: 7 }, '/replaces', 'must be a string'],
    ['a number for an overlap', { operation: 'rotate', id: ID, overlap: 48 }, '/overlap', OVERLAP_RULE],
    ['text for an overlap', { operation: 'rotate', id: ID, overlap: '2 days' }, '/overlap', OVERLAP_RULE],
    ['too short an overlap', { operation: 'rotate', id: ID, overlap: 'PT59S' }, '/overlap', LIMITS_RULE],
    ['no key whose overlap ends', { operation: 'end-overlap', id: ID }, '/apiKeyId', 'is required'],
    [
      'an idempotency key for a revocation',
      { operation: 'revoke', id: ID, idempotencyKey: 'a' },
      '/idempotencyKey',
      'is not a known field',
    ],
    [
      'a vend request that names an operation',
      { ...VEND, operation: 'vend' },
      '/operation',
      'must be "revoke", "rotate" or "end-overlap"',
    ],
  ])('refuses %s', (_, value, pointer, detail) => {
    expect(parseOperation(value)).toEqual({ kind: 'invalid', errors: [{ pointer, detail }] });
  });
});

it.each([
  ['a rotation', rotationSchema],
  ['the end of an overlap', endOverlapSchema],
])('the body of %s is an object', (_, schema) => {
  for (const body of [[], 'KEY1', 1])
    expect(schema.safeParse(body).error?.issues).toMatchObject([{ path: [], message: 'must be a JSON object' }]);
});

describe('the terms of a rotation', () => {
  it.each([
    [undefined, undefined],
    ['PT0S', 0],
    ['PT48H', 48 * HOUR],
  ])('an overlap of %s is %s ms', (overlap, ms) => {
    expect(overlapMsOf({ overlap })).toBe(ms);
  });

  it('that differ have other hashes', () => {
    const hashes = [{}, { replaces: 'K' }, { overlap: 'PT48H' }, { replaces: 'K', overlap: 'PT48H' }].map(hashRotation);
    expect(new Set(hashes).size).toBe(4);
    expect(hashRotation({ replaces: undefined })).toBe(hashRotation({}));
  });
});
