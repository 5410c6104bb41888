import { describe, expect, it } from 'vitest';
import { answerOf, credentialAnswerSchema, operatorViewOf } from '../../../src/vending/answers/credential.ts';
import type { Credential } from '../../../src/vending/model/credential.ts';
import {
  CURRENT,
  DAY,
  HOUR,
  ID,
  keyOf,
  MINUTE,
  NOW,
  PROBLEM,
  rows,
  SECRET_NAME,
  secretOf,
  TARGET,
  VAULT_URL,
} from '../model/credentials.ts';

const iso = (at: number): string => new Date(at).toISOString();
const SECRET = {
  name: SECRET_NAME,
  vaultUrl: VAULT_URL,
  contentType: 'text/plain; format=secret',
  keyVaultReference: `@Microsoft.KeyVault(SecretUri=${VAULT_URL}/secrets/${SECRET_NAME}/)`,
};
const COMMON = { id: ID, createdAt: iso(NOW), target: TARGET };
const API_KEY = { ...keyOf('KEY1'), usableAfter: iso(NOW + 2 * MINUTE) };
const MARKER = `vend:${ID}.1.aaaaaa`;
const revocation = { since: NOW, by: 'queue:orders' };

describe('the answer about a credential', () => {
  it.each<[string, Credential, object]>([
    ['that is being vended', rows.minting(), { status: 'pending', secret: SECRET, marker: MARKER }],
    ['whose key is being deleted', rows.compensating(), { status: 'pending', secret: SECRET, marker: MARKER }],
    ['of which nobody knows', rows.unknown(), { status: 'unknown', secret: SECRET, marker: MARKER }],
    ['that failed', rows.failed(), { status: 'failed', secret: SECRET, problem: PROBLEM }],
    ['that was vended', rows.vended(), { status: 'vended', secret: { ...SECRET, ...secretOf('v1') }, apiKey: API_KEY }],
    [
      'that expires',
      rows.vended({}, { expiresOn: NOW + DAY }),
      { status: 'vended', secret: { ...SECRET, ...secretOf('v1'), expiresOn: iso(NOW + DAY) }, apiKey: API_KEY },
    ],
    [
      'in its overlap',
      rows.rotated(),
      {
        status: 'vended',
        secret: { ...SECRET, ...secretOf('v2') },
        apiKey: { ...API_KEY, ...keyOf('KEY2') },
        previous: { apiKeyId: 'KEY1', secretVersion: 'v1', revokeAt: iso(NOW + 25 * HOUR) },
      },
    ],
    [
      'that is being rotated',
      rows.rotating(),
      {
        status: 'vended',
        secret: { ...SECRET, ...secretOf('v1') },
        apiKey: API_KEY,
        rotation: { status: 'pending' },
        marker: `vend:${ID}.2.bbbbbb`,
      },
    ],
    [
      'whose rotation is unknown',
      rows.rotating({}, { phase: 'unknown' }),
      {
        status: 'vended',
        secret: { ...SECRET, ...secretOf('v1') },
        apiKey: API_KEY,
        rotation: { status: 'unknown' },
        marker: `vend:${ID}.2.bbbbbb`,
      },
    ],
    [
      'whose rotation failed',
      rows.vended({ failure: { problem: PROBLEM, retryAt: NOW, since: NOW, streak: 1, forRotation: true } }),
      {
        status: 'vended',
        secret: { ...SECRET, ...secretOf('v1') },
        apiKey: API_KEY,
        rotation: { status: 'failed', problem: PROBLEM },
      },
    ],
    [
      'that is being revoked',
      rows.revoking(),
      { status: 'revoking', secret: { ...SECRET, ...secretOf('v1') }, apiKey: API_KEY },
    ],
    ['that is revoked', rows.revoked(), { status: 'revoked', secret: SECRET, revokedAt: iso(NOW) }],
  ])('%s', (_, row, answer) => {
    expect(answerOf(row)).toEqual({ ...COMMON, ...answer });
    expect(credentialAnswerSchema.parse(answerOf(row))).toEqual(answerOf(row));
  });

  it('to a rotation says what that rotation made, whatever came after it', () => {
    const rotation = { status: 'vended', apiKeyId: 'KEY1' } as const;
    expect(answerOf(rows.rotated(), rotation)).toMatchObject({ apiKey: { id: 'KEY2' }, rotation });
  });

  it.each(['secret', 'json', 'jaas', 'basic-auth'] as const)(
    'names the format %s by its content type',
    (secretFormat) => {
      expect(answerOf(rows.vended({ secretFormat })).secret.contentType).toContain(`format=${secretFormat}`);
    },
  );

  it('has no field that its schema does not have', () => {
    const row = { ...rows.vended(), secret: 'hunter2', current: { ...CURRENT, value: 'hunter2' } };
    expect(JSON.stringify(row)).toContain('hunter2');
    expect(JSON.stringify(answerOf(row))).not.toContain('hunter2');
    const laden = { ...rows.vended(), current: { ...CURRENT, key: { ...keyOf('KEY1'), secret: 'hunter2' } } };
    expect(() => answerOf(laden)).toThrow();
  });
});

describe('what an operator sees', () => {
  it('is what the caller sees, and how far the attempt came', () => {
    const row = rows.compensating({}, { secret: secretOf('v1') });
    expect(operatorViewOf(row)).toEqual({
      ...answerOf(row),
      caller: 'queue:orders',
      rule: 'orders',
      attempt: {
        number: 1,
        purpose: 'vend',
        phase: 'compensating',
        since: iso(NOW),
        leaseUntil: iso(NOW + 150_000),
        apiKeyId: 'KEY1',
        secretVersion: 'v1',
      },
    });
  });

  it.each<[string, Credential, object]>([
    ['an unknown outcome', rows.unknown(), { open: { reason: 'unknown', since: iso(NOW) } }],
    [
      'a review that decides nothing',
      rows.revoking({ retry: { since: NOW, lookedAt: NOW + HOUR, nextAt: NOW + 2 * HOUR } }),
      {
        open: { reason: 'undecided', since: iso(NOW) },
        retryAt: iso(NOW + 2 * HOUR),
        revocation: { since: iso(NOW), by: 'queue:orders' },
      },
    ],
    ['who revokes', rows.minting({ revocation }), { revocation: { since: iso(NOW), by: 'queue:orders' } }],
  ])('tells of %s', (_, row, view) => {
    expect(operatorViewOf(row)).toMatchObject(view);
  });
});
