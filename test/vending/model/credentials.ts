import type { Credential, Current, Previous, Work } from '../../../src/vending/model/credential.ts';
import type { CredentialDraft } from '../../../src/vending/model/transitions.ts';
import { DEFAULT_TIMINGS } from '../world/timings.ts';

export const NOW = Date.parse('2026-01-01T00:00:00Z');
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const TIMINGS = DEFAULT_TIMINGS;
/** Lease and settling time are over. */
export const LAPSED = NOW + TIMINGS.leaseMs + TIMINGS.settleMs;

export const ID = 'abcdefghijklmnopqrstuvwxyz';
export const TARGET = {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroupName: 'myResourceGroup',
  organizationName: 'myOrganization',
  environmentId: 'env-12132',
  clusterId: 'lkc-1126wj',
};
export const VAULT_URL = 'https://my-vault.vault.azure.net';
export const SECRET_NAME = `ck-lkc-1126wj-orders-${ID}`;

export const secretOf = (version: string) => ({
  id: `${VAULT_URL}/secrets/${SECRET_NAME}/${version}`,
  version,
});

export const keyOf = (id: string) => ({ id, metadata: {}, spec: { owner: { id: 'sa-1' } } });

export const DRAFT: CredentialDraft = {
  id: ID,
  caller: 'queue:orders',
  requestHash: 'ab'.repeat(32),
  target: TARGET,
  name: 'orders',
  vaultUrl: VAULT_URL,
  secretName: SECRET_NAME,
  secretFormat: 'secret',
  grant: { rule: 'orders', overlapMs: 25 * HOUR, revokeAtExpiry: false },
};

const base: Credential = {
  ...DRAFT,
  createdAt: NOW,
  attempts: 1,
  holdsName: true,
  sequence: 1,
  writeId: 'write-1',
};

export const FIRST = { attempt: 1, nonce: 'aaaaaa' };
export const SECOND = { attempt: 2, nonce: 'bbbbbb' };
export const PROBLEM = { type: 'upstream-refused', detail: 'Azure did not accept the request.' } as const;

export const workOf = (of: Partial<Work> = {}): Work => ({
  ...FIRST,
  claimId: 'write-1',
  purpose: 'vend',
  phase: 'minting',
  claimedAt: NOW,
  leaseUntil: NOW + TIMINGS.leaseMs,
  since: NOW,
  ...of,
});

export const CURRENT: Current = { ...FIRST, key: keyOf('KEY1'), secret: secretOf('v1'), vendedAt: NOW };
export const PREVIOUS: Previous = {
  ...FIRST,
  keyId: 'KEY1',
  vendedAt: NOW,
  secret: secretOf('v1'),
  revokeAt: NOW + 25 * HOUR,
};
export const NEXT: Current = { ...SECOND, key: keyOf('KEY2'), secret: secretOf('v2'), vendedAt: NOW };

/** One row of each kind of state, with what a test changes of it. */
export const rows = {
  minting: (of: Partial<Credential> = {}, at: Partial<Work> = {}): Credential => ({ ...base, work: workOf(at), ...of }),
  minted: (of: Partial<Credential> = {}, at: Partial<Work> = {}): Credential => ({
    ...base,
    work: workOf({ phase: 'minted', keyId: 'KEY1', ...at }),
    ...of,
  }),
  unknown: (of: Partial<Credential> = {}): Credential => ({ ...base, work: workOf({ phase: 'unknown' }), ...of }),
  compensating: (of: Partial<Credential> = {}, at: Partial<Work> = {}): Credential => ({
    ...base,
    work: workOf({ phase: 'compensating', keyId: 'KEY1', problem: PROBLEM, ...at }),
    ...of,
  }),
  vended: (of: Partial<Credential> = {}, at: Partial<Current> = {}): Credential => ({
    ...base,
    current: { ...CURRENT, ...at },
    ...of,
  }),
  rotating: (of: Partial<Credential> = {}, at: Partial<Work> = {}): Credential => ({
    ...base,
    attempts: 2,
    current: CURRENT,
    work: workOf({
      ...SECOND,
      purpose: 'rotate',
      rotation: { requestKey: 'z'.repeat(26), overlapMs: 25 * HOUR, grant: DRAFT.grant },
      ...at,
    }),
    ...of,
  }),
  rotated: (of: Partial<Credential> = {}, at: Partial<Previous> = {}): Credential => ({
    ...base,
    attempts: 2,
    current: NEXT,
    previous: { ...PREVIOUS, ...at },
    ...of,
  }),
  failed: (of: Partial<Credential> = {}): Credential => {
    const { holdsName: _, ...row } = base;
    return { ...row, failure: { problem: PROBLEM, retryAt: NOW, since: NOW, streak: 1 }, ...of };
  },
  revoking: (of: Partial<Credential> = {}): Credential => ({
    ...base,
    current: CURRENT,
    revocation: { since: NOW, by: 'queue:orders' },
    ...of,
  }),
  revoked: (of: Partial<Credential> = {}): Credential => {
    const { holdsName: _, ...row } = base;
    return {
      ...row,
      revocation: { since: NOW, by: 'queue:orders', checkedAt: NOW },
      closed: { since: NOW },
      sweepAt: LAPSED,
      ...of,
    };
  },
};
