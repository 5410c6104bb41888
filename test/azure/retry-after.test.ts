import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { withDeadline, within } from '../../src/azure/deadline.ts';
import { askedPauseMs, noPauseBeyondDeadline } from '../../src/azure/retry-after.ts';
import { secretNamed, startVaultWorld, VAULT_URL } from './vault/emulated-vault.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** Whether the retries above the policy get the answer, and wait. */
const does = async (headers: Record<string, string>, status = 429): Promise<'waits' | 'ends'> => {
  const request = createPipelineRequest({ url: 'https://v.example' });
  const answer = { request, status, headers: createHttpHeaders(headers) };
  return noPauseBeyondDeadline
    .sendRequest(request, async () => answer)
    .then(
      () => 'waits',
      () => 'ends',
    );
};

it.each<[Record<string, string>, 'waits' | 'ends']>([
  [{ 'retry-after': '7' }, 'waits'],
  [{ 'retry-after': '8' }, 'ends'],
  [{ 'retry-after-ms': '7999' }, 'waits'],
  [{ 'retry-after-ms': '8000', 'retry-after': '1' }, 'ends'],
  [{ 'x-ms-retry-after-ms': '8000' }, 'ends'],
  [{ 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }, 'ends'],
  [{ 'retry-after': new Date(Date.now() - 3_600_000).toUTCString() }, 'waits'],
  [{ 'retry-after': 'soon' }, 'ends'],
  [{}, 'waits'],
])('with ten seconds left, and two for the next request, a client that is answered %j %s', async (headers, what) => {
  expect(await withDeadline(10_000, () => does(headers))).toBe(what);
  expect(await withDeadline(10_000, () => does(headers, 503))).toBe(what);
});

it.each<[asked: Record<string, string>, ms: number | undefined]>([
  [{ 'retry-after-ms': '1', 'x-ms-retry-after-ms': '2', 'retry-after': '3' }, 1],
  [{ 'x-ms-retry-after-ms': '2', 'retry-after': '3' }, 2],
  [{ 'retry-after': '3' }, 3_000],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:07 GMT' }, 7_000],
  [{ 'retry-after': 'Wed, 31 Dec 2025 23:59:59 GMT' }, 0],
  ...['-3', '3.5', '3 s', '1'.repeat(16), 'Thu, 99 Jan 2026 00:00:07 GMT', '2026-01-01T00:00:07Z'].map(
    (text): [Record<string, string>, undefined] => [{ 'retry-after': text }, undefined],
  ),
  // They are no dates of HTTP, and `Date.parse` takes them.
  ...['On Thu, 01 Jan 2026 00:00:07 GMT', 'Thu, 01 Jan 2026 00:00:07 GMT+1', 'Thursday, 01 Jan 2026 00:00:07 GMT'].map(
    (text): [Record<string, string>, undefined] => [{ 'retry-after': text }, undefined],
  ),
])('%j asks to wait for %s ms', (asked, ms) => {
  expect(askedPauseMs(createHttpHeaders(asked), Date.parse('2026-01-01T00:00:00Z'))).toBe(ms);
});

it('an answer that asks for no repetition goes through', async () => {
  expect(await withDeadline(10_000, () => does({ 'retry-after': '3600' }, 202))).toBe('waits');
});

it('counts what a call has left, and not what its invocation has', async () => {
  expect(await withDeadline(60_000, () => within(10_000, () => does({ 'retry-after': '10' })))).toBe('ends');
});

it('without a deadline every pause is waited for', async () => {
  expect(await does({ 'retry-after': '3600' })).toBe('waits');
});

it('the vault is named as throttled, where it asks to wait for longer than a call has', async () => {
  vi.useRealTimers();
  const world = await startVaultWorld();
  try {
    const vault = world.open();
    const stored = await vault.store(secretNamed('throttled', 'cflt-throttled'), 10_000);
    if (stored.kind !== 'stored') throw new Error('The vault did not store.');
    const { version } = stored.stored;
    const body = { error: { code: 'Throttled', message: 'text' } };
    world.faults.add({ service: 'vault', fault: { status: 429, headers: { 'retry-after': '3600' }, body } });
    const throttled = { upstream: { service: 'vault', status: 429, code: 'Throttled' } };
    expect(await vault.listVersions(VAULT_URL, 'throttled')).toMatchObject(throttled);
    expect(await vault.disableVersion(VAULT_URL, 'throttled', version)).toMatchObject(throttled);
    expect(await vault.lookUpName(VAULT_URL, 'throttled')).toMatchObject(throttled);
    expect(await vault.store(secretNamed('throttled', 'cflt-again'), 10_000)).toMatchObject(throttled);
    expect(await vault.proveWritable(VAULT_URL)).toMatchObject(throttled);
  } finally {
    await world.emulator.close();
  }
});
