import { describe, expect, it } from 'vitest';
import { TRANSITIONS as T } from '../../../src/vending/model/transitions.ts';
import { FIRST, keyOf, LAPSED, PROBLEM, rows, secretOf } from './credentials.ts';
import { made } from './transition-case.ts';

const FIRST_KEY = { attempt: FIRST, keyId: 'KEY1', key: keyOf('KEY1'), secret: secretOf('v-new') };

describe('an attempt', () => {
  it('begins each phase at its own time', () => {
    const [unknown, minted] = [
      { phase: 'unknown', since: LAPSED } as const,
      { phase: 'minted', since: LAPSED } as const,
    ];
    const row = rows.minting();
    expect(made(T.recordUnknown, row, { attempt: FIRST }, LAPSED).work).toEqual({ ...row.work, ...unknown });
    expect(made(T.recoverUnknown, row, { attempt: FIRST }, LAPSED).work).toEqual({ ...row.work, ...unknown });
    const { work } = made(T.recordMinted, row, { attempt: FIRST, keyId: 'KEY1' }, LAPSED);
    expect(work).toEqual({ ...row.work, ...minted, keyId: 'KEY1' });
  });

  it('that was found unknown is ended by its worker, who knows more', () => {
    const ended = { attempt: FIRST, problem: PROBLEM };
    expect(made(T.recordNotMinted, rows.unknown(), ended).failure).toMatchObject({ problem: PROBLEM });
    expect(made(T.recordVended, rows.unknown(), FIRST_KEY).current?.key.id).toBe('KEY1');
    expect(made(T.discardKey, rows.unknown(), { ...ended, keyId: 'KEY1' }).work?.phase).toBe('compensating');
  });
});
