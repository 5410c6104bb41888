import { describe, expect, it } from 'vitest';
import { auditRecordOf, auditRecordSchema, type Change } from '../../../src/vending/model/audit.ts';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { CURRENT, ID, NOW, PROBLEM, rows, SECRET_NAME, secretOf, TARGET, VAULT_URL } from './credentials.ts';

const recordOf = (after: Credential, of: Partial<Change> = {}) =>
  auditRecordSchema.parse(
    auditRecordOf({
      at: NOW,
      actor: 'worker',
      change: 'recordVended',
      before: undefined,
      after,
      cause: undefined,
      ...of,
    }),
  );

describe('an audit record', () => {
  it('says who changed what from which state, and what led to it', () => {
    const cause = { service: 'vault', status: 200, requestId: 'r-1' } as const;
    expect(recordOf(rows.vended({ sequence: 3, writeId: 'write-3' }), { before: rows.minted(), cause })).toEqual({
      id: 'write-3',
      at: '2026-01-01T00:00:00.000Z',
      actor: 'worker',
      credentialId: ID,
      sequence: 3,
      change: 'recordVended',
      attempt: 1,
      caller: 'queue:orders',
      from: { id: 'write-1', state: 'minted', attempt: 1 },
      state: 'vended',
      target: TARGET,
      apiKeyId: 'KEY1',
      vaultUrl: VAULT_URL,
      secretName: SECRET_NAME,
      secretId: secretOf('v1').id,
      rule: 'orders',
      upstream: cause,
    });
  });

  it('of a first claim has no state before', () => {
    expect(recordOf(rows.minting())).toMatchObject({ from: null, state: 'minting' });
    expect(recordOf(rows.minting())).not.toHaveProperty('apiKeyId');
  });

  it.each<[string, Credential, string]>([
    ['an attempt under way, before the key that is there', rows.rotating(), 'minting'],
    ['an unknown outcome', rows.unknown(), 'unknown'],
    ['a key to delete', rows.compensating(), 'compensating'],
    ['a key', rows.vended(), 'vended'],
    ['a failure', rows.failed(), 'failed'],
    ['a revocation', rows.revoking(), 'revoking'],
    ['the end of one', rows.revoked(), 'revoked'],
  ])('tells the state of %s', (_, row, state) => {
    expect(recordOf(row).state).toBe(state);
  });

  it('of a rotation names both keys', () => {
    expect(recordOf(rows.rotated())).toMatchObject({ attempt: 2, apiKeyId: 'KEY2', previousApiKeyId: 'KEY1' });
  });

  it('names every key that the change proved gone', () => {
    const after = rows.revoked();
    expect(recordOf(after, { before: rows.rotated() }).removedApiKeyIds).toEqual(['KEY2', 'KEY1']);
    expect(recordOf(rows.rotated(), { before: rows.vended() })).not.toHaveProperty('removedApiKeyIds');
  });

  it('names the attempt under way, its key and its problem before those of the credential', () => {
    const work = rows.compensating({}, { attempt: 3, keyId: 'KEY9' }).work;
    if (work === undefined) throw new Error('The row has no attempt.');
    const failure = { problem: { ...PROBLEM, type: 'paused' }, retryAt: NOW, since: NOW, streak: 1 } as const;
    const row = { ...rows.vended({ attempts: 4, current: CURRENT }), work, failure };
    expect(recordOf(row)).toMatchObject({
      attempt: 3,
      apiKeyId: 'KEY9',
      problem: 'upstream-refused',
      secretId: secretOf('v1').id,
    });
    expect(recordOf(rows.failed())).toMatchObject({ problem: 'upstream-refused' });
    expect(recordOf(rows.minting({ failure }))).not.toHaveProperty('problem');
  });
});
