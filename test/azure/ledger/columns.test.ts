import { expect, it } from 'vitest';
import { entityOfCredential } from '../../../src/azure/ledger/table.ts';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { DEFAULT_TIMINGS } from '../../vending/world/timings.ts';
import { credentialOf } from './emulated-table.ts';

const { work, ...idle } = credentialOf('abc');
if (work === undefined) throw new Error('Nobody works at it.');
const minted = { ...work, keyId: 'MINTED' };
const key = { id: 'CURRENT', metadata: {}, spec: {} };
const secret = { id: `${idle.vaultUrl}/secrets/${idle.secretName}/1`, version: '1' };
const vended = { attempt: 1, nonce: 'abcdef', secret, vendedAt: idle.createdAt };
const current = { ...vended, key };
const previous = { ...vended, keyId: 'PREVIOUS', revokeAt: idle.createdAt };

it.each<[what: string, credential: Credential, apiKeyId: string | undefined, previousKeyId: string | undefined]>([
  ['before its mint', { ...idle, work }, undefined, undefined],
  ['while its first secret is stored', { ...idle, work: minted }, 'MINTED', undefined],
  ['that is vended', { ...idle, current }, 'CURRENT', undefined],
  ['whose next secret is stored', { ...idle, current, work: minted }, 'CURRENT', undefined],
  ['that was rotated', { ...idle, current, previous }, 'CURRENT', 'PREVIOUS'],
])('operators find a credential %s by its keys', (_what, credential, apiKeyId, previousKeyId) => {
  expect(entityOfCredential(credential, DEFAULT_TIMINGS)).toMatchObject({ apiKeyId, previousKeyId });
});
