import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSecretVault } from '../../../src/azure/vault/secret-vault.ts';
import type { ListVersionsOutcome } from '../../../src/vending/ports/secret-vault.ts';
import { ScriptedVault, type Turn, VAULT_URL } from './scripted-vault.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const PAGES = 5;
/** Each takes six seconds. */
const page = (n: number): Turn => ({
  status: 200,
  delayMs: 6_000,
  body: {
    value: [{ id: `${VAULT_URL}/secrets/rotated/${String(n).padStart(32, '0')}`, attributes: { created: n + 1 } }],
    nextLink: n + 1 < PAGES ? `${VAULT_URL}/secrets/rotated/versions?api-version=7.6&$skiptoken=${n}` : null,
  },
});

async function list(
  ...turns: readonly Turn[]
): Promise<{ readonly listed: ListVersionsOutcome; readonly tookMs: number }> {
  const httpClient = new ScriptedVault(...turns);
  const credential = { getToken: async () => ({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const clock = { now: Date.now, sleep: async () => undefined };
  const vault = createSecretVault({ credential, clock, clientOptions: { httpClient } });
  const begin = performance.now();
  const listing = vault
    .listVersions(VAULT_URL, 'rotated')
    .then((listed) => ({ listed, tookMs: performance.now() - begin }));
  await vi.advanceTimersByTimeAsync(120_000);
  return listing;
}

it('a list of many pages may take longer than one request may', async () => {
  const { listed, tookMs } = await list(...Array.from({ length: PAGES }, (_, n) => page(n)));
  expect(listed).toMatchObject({ kind: 'listed', versions: { length: PAGES } });
  expect(tookMs).toBe(PAGES * 6_000);
});

it('a page that hangs ends the list after ten seconds, and the pages before prove nothing', async () => {
  const { listed, tookMs } = await list(page(0), 'hang');
  expect([listed.kind, tookMs]).toEqual(['unavailable', 16_000]);
});
