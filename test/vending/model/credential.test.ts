import { describe, expect, it } from 'vitest';
import {
  type Credential,
  credentialSchema,
  MAX_SAID_GONE,
  type Status,
  statusOf,
} from '../../../src/vending/model/credential.ts';
import { PROBLEM_TYPES } from '../../../src/vending/model/problems.ts';
import { keyRecordSchema } from '../../../src/vending/model/resources.ts';
import { ROW_SCHEMAS } from '../../../src/vending/model/rows.ts';
import { parsePolicy } from '../../../src/vending/policy/policy.ts';
import { parseRequest } from '../../../src/vending/request/request.ts';
import { fits, MAX_DOCUMENT } from '../../../src/vending/saga/commit.ts';
import { ID, NOW, rows } from './credentials.ts';

/** A character that JSON writes as two, and a character of two UTF-16 units. */
const WIDE = ['"', '\u{1F511}'] as const;

/** Milliseconds since the epoch never need more digits in our time. */
const TIME = Date.parse('2038-01-19T03:14:07Z');

function longestRow(wide: string): Credential {
  const target = {
    subscriptionId: 'f'.repeat(8) + '-ffff'.repeat(3) + '-'.padEnd(13, 'f'),
    resourceGroupName: 'r'.repeat(90),
    organizationName: 'o'.repeat(64),
    environmentId: 'e'.repeat(64),
    clusterId: 'c'.repeat(64),
  };
  const [name, description] = [wide.repeat(64), wide.repeat(200)];
  const secretName = 's'.repeat(127);
  expect(parseRequest({ ...target, name, description, secretName })).toHaveProperty('kind', 'valid');
  const rule = 'u'.repeat(64);
  const queue = 'q'.repeat(260);
  const callers = { queues: [queue] };
  const policy = { rules: [{ name: rule, callers, organizations: ['*'], environments: ['*'], clusters: ['*'] }] };
  expect(parsePolicy(JSON.stringify(policy))).toHaveProperty('kind', 'valid');
  const caller = `queue:${queue}`;
  // The longest name of a vault, in the longest cloud.
  const vaultUrl = `https://${'v'.repeat(24)}.vault.usgovcloudapi.net`;
  const version = '0'.repeat(32);
  const secret = { id: `${vaultUrl}/secrets/${secretName}/${version}`, version };
  const problem = { type: longest(PROBLEM_TYPES), detail: 'd'.repeat(1_000) };
  const attempt = { attempt: 999_999_999, nonce: 'n'.repeat(6) };
  const uuid = target.subscriptionId;
  const keyId = 'K'.repeat(64);
  const life = Number.MAX_SAFE_INTEGER;
  const grant = { rule, overlapMs: life, rotateEveryMs: life, revokeAtExpiry: false };
  return {
    id: 'i'.repeat(26),
    caller,
    requestHash: 'a'.repeat(64),
    target,
    name,
    description,
    vaultUrl,
    secretName,
    secretFormat: 'basic-auth',
    validForMs: life,
    grant,
    createdAt: TIME,
    attempts: 999_999_999,
    saidGone: Array.from({ length: MAX_SAID_GONE }, () => keyId),
    current: {
      ...attempt,
      key: longestRecord(keyId),
      secret,
      vendedAt: TIME,
      expiresOn: TIME,
      rotateAt: TIME,
      rotationAskedAt: TIME,
      rotationSuspended: true,
      expiryNotedAt: TIME,
    },
    previous: { ...attempt, keyId, vendedAt: TIME, secret, revokeAt: TIME },
    work: {
      ...attempt,
      claimId: uuid,
      purpose: 'rotate',
      phase: 'compensating',
      claimedAt: TIME,
      leaseUntil: TIME,
      since: TIME,
      expiresOn: TIME,
      keyId,
      secret,
      problem,
      rotation: { requestKey: 'r'.repeat(26), overlapMs: life, grant },
    },
    failure: { problem, retryAt: TIME, since: TIME, streak: 999_999_999, forRotation: true, urgent: true },
    revocation: { since: TIME, by: caller, checkedAt: TIME },
    closed: { since: TIME },
    sweepAt: TIME,
    retry: { since: TIME, lookedAt: TIME, nextAt: TIME },
    holdsName: true,
    sequence: Number.MAX_SAFE_INTEGER,
    writeId: uuid,
  };
}

/** The adapter keeps at most 4,000 characters of the JSON of a record. */
function longestRecord(id: string) {
  const record = { id, kind: '', metadata: { self: '' }, spec: { description: 'd'.repeat(512) } };
  const fill = 4_000 - JSON.stringify(record).length;
  const long = { ...record, metadata: { self: 'x'.repeat(fill) } };
  expect(JSON.stringify(long)).toHaveLength(4_000);
  return keyRecordSchema.parse(long);
}

const longest = <Text extends string>(texts: readonly [Text, ...Text[]]): Text =>
  texts.reduce((a, b) => (b.length > a.length ? b : a));

describe('the row of a credential', () => {
  it.each(WIDE)('stays under its bound with the longest legal value of every field, written with %j', (wide) => {
    const row = longestRow(wide);
    expect(credentialSchema.parse(row)).toEqual(row);
    expect(new Set(Object.keys(row))).toEqual(new Set(Object.keys(credentialSchema.shape)));
    expect(fits(row)).toBe(true);
    // Room for a field or two: the bound is half of what a property holds.
    expect(JSON.stringify(row).length).toBeLessThan(0.8 * MAX_DOCUMENT);
  });

  it.each<[string, object]>([
    ['of its own', { later: 1 }],
    ['of the current key', { current: { ...rows.vended().current, later: 1 } }],
    ['of the attempt', { work: { ...rows.minting().work, later: 1 } }],
    ['of the grant', { grant: { ...rows.minting().grant, later: 1 } }],
    [
      'that holds a secret',
      { current: { ...rows.vended().current, key: { id: 'K', metadata: {}, spec: { secret: 's' } } } },
    ],
  ])('is not read with an unknown field %s', (_, change) => {
    expect(credentialSchema.safeParse({ ...rows.vended(), ...change }).success).toBe(false);
  });
});

describe('a date in a row', () => {
  const LAST = Date.parse('9999-12-31T23:59:59.999Z');

  it.each([-1, LAST + 1, 9e15, 0.5])('is not read where it is %d: it is no date, or does not sort as text', (date) => {
    expect(credentialSchema.safeParse(rows.vended({}, { rotateAt: date })).success).toBe(false);
    expect(ROW_SCHEMAS.due.safeParse({ id: ID, at: date }).success).toBe(false);
  });

  it('is read from 1970 to the year 9999', () => {
    for (const date of [0, LAST])
      expect(credentialSchema.safeParse(rows.vended({}, { rotateAt: date })).success).toBe(true);
  });
});

describe('the status of a credential', () => {
  const revocation = { since: NOW, by: 'queue:orders' };

  it.each<[Status, string, Credential]>([
    ['pending', 'whose first key is being minted', rows.minting()],
    ['pending', 'whose first key is being stored', rows.minted()],
    ['pending', 'whose first key is being deleted', rows.compensating()],
    ['unknown', 'of which nobody knows whether it has a key', rows.unknown()],
    ['failed', 'that has no key', rows.failed()],
    ['vended', 'that has a key', rows.vended()],
    ['vended', 'that is being rotated', rows.rotating()],
    ['vended', 'whose rotation is unknown', rows.rotating({}, { phase: 'unknown' })],
    ['vended', 'in its overlap', rows.rotated()],
    ['revoking', 'that is being revoked', rows.revoking()],
    ['revoking', 'that is revoked while an attempt is under way', rows.minting({ revocation })],
    ['revoked', 'of which nothing lives', rows.revoked()],
  ])('is %s for one %s', (status, _, row) => {
    expect(statusOf(row)).toBe(status);
  });
});

it.each<[string, object]>([
  ['an attempt before the first', { current: { ...rows.vended().current, attempt: 0 } }],
  ['no failure in a row of failures', { failure: { ...rows.failed().failure, streak: 0 } }],
  ['fewer attempts than none', { attempts: -1 }],
  ['no commit at all', { sequence: 0 }],
])('a row with %s is not read', (_, change) => {
  expect(credentialSchema.safeParse(rows.vended()).success).toBe(true);
  expect(credentialSchema.safeParse({ ...rows.vended(), ...change }).success).toBe(false);
});
