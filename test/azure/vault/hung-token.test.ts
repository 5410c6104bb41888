import type { AccessToken, TokenCredential } from '@azure/identity';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { bounded, withLastToken } from '../../../src/azure/credential.ts';
import { createSecretVault } from '../../../src/azure/vault/secret-vault.ts';
import { ScriptedVault, VAULT_URL } from './scripted-vault.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const clock = { now: () => Date.now(), sleep: async () => undefined };

/** The n-th request for a token hangs, as an identity endpoint does that takes a request and never answers. All others are answered. */
function hangingOnce(nth: number, lifetimeMs: number): TokenCredential & { asked: number } {
  const credential = {
    asked: 0,
    getToken: (): Promise<AccessToken> => {
      credential.asked += 1;
      if (credential.asked === nth) return new Promise<never>(() => undefined);
      return Promise.resolve({ token: 't', expiresOnTimestamp: Date.now() + lifetimeMs });
    },
  };
  return credential;
}

const vaultWith = (identity: TokenCredential) => {
  const httpClient = new ScriptedVault({ status: 200, body: { value: [] } });
  // As connect.ts wires it.
  return createSecretVault({ credential: withLastToken(bounded(identity)), clock, clientOptions: { httpClient } });
};

async function list(vault: ReturnType<typeof vaultWith>): Promise<string> {
  const listing = vault.listVersions(VAULT_URL, 'orders');
  await vi.advanceTimersByTimeAsync(10_001);
  return (await listing).kind;
}

it('one token request that hangs at the start does not cost the vault for the life of the process', async () => {
  const identity = hangingOnce(1, 3_600_000);
  const vault = vaultWith(identity);
  expect(await list(vault)).toBe('unavailable');
  await vi.advanceTimersByTimeAsync(24 * 3_600_000);
  expect(await list(vault)).toBe('listed');
});

it('one renewal that hangs behind the requests does not either', async () => {
  const identity = hangingOnce(2, 3_600_000);
  const vault = vaultWith(identity);
  expect(await list(vault)).toBe('listed');
  await vi.advanceTimersByTimeAsync(3_600_000 - 60_000);
  expect(await list(vault)).toBe('listed');
  await vi.advanceTimersByTimeAsync(24 * 3_600_000);
  expect(await list(vault)).toBe('listed');
});
