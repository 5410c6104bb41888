import { expect, it } from 'vitest';
import { type Credential, credentialSchema, isIdle } from '../../../src/vending/model/credential.ts';
import { CURRENT, DRAFT, PREVIOUS, rows } from './credentials.ts';

const { failure } = rows.failed();
const { work } = rows.rotating();
const rotation = (overlapMs: number) => ({ work: { ...work, rotation: { ...work?.rotation, overlapMs } } });
const said = (count: number) => ({ saidGone: Array.from({ length: count }, (_, number) => `KEY${number}`) });

it.each<[string, (value: number) => object, number, number]>([
  ['attempts', (attempts) => ({ attempts }), 1, 0],
  ['an attempt’s number', (attempt) => ({ current: { ...CURRENT, attempt } }), 1, 0],
  ['a previous attempt’s number', (attempt) => ({ previous: { ...PREVIOUS, attempt } }), 1, 0],
  ['commits', (sequence) => ({ sequence }), 1, 0],
  ['failures in a row', (streak) => ({ failure: { ...failure, streak } }), 1, 0],
  ['a validity', (validForMs) => ({ validForMs }), 1, 0],
  ['an interval of rotation', (rotateEveryMs) => ({ grant: { ...DRAFT.grant, rotateEveryMs } }), 1, 0],
  ['an overlap', (overlapMs) => ({ grant: { ...DRAFT.grant, overlapMs } }), 0, -1],
  ['the overlap of a rotation', rotation, 0, -1],
  ['an operator’s words', said, 10, 11],
])('a row with a number of %s is read up to its bound', (_, changeTo, last, beyond) => {
  expect(credentialSchema.safeParse({ ...rows.vended(), ...changeTo(last) }).success).toBe(true);
  expect(credentialSchema.safeParse({ ...rows.vended(), ...changeTo(beyond) }).success).toBe(false);
});

it.each<[string, Partial<Credential>, boolean]>([
  ['nothing', {}, true],
  ['a current key', { current: CURRENT }, false],
  ['a previous key', { previous: PREVIOUS }, false],
])('a row with %s alone is idle or not', (_, change, expected) => {
  expect(isIdle(rows.failed(change))).toBe(expected);
});
