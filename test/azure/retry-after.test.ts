import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { withDeadline, within } from '../../src/azure/deadline.ts';
import { noPauseBeyondDeadline } from '../../src/azure/retry-after.ts';
import { secretNamed, startVaultWorld, VAULT_URL } from './vault/emulated-vault.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** What the retries above the policy see of an answer. */
const seen = async (headers: Record<string, string>) => {
  const request = createPipelineRequest({ url: 'https://v.example' });
  const answer = { request, status: 429, headers: createHttpHeaders({ ...headers, 'x-ms-request-id': 'r' }) };
  return (await noPauseBeyondDeadline.sendRequest(request, async () => answer)).headers.toJSON();
};

it.each<[Record<string, string>, 'waits' | 'answers']>([
  [{ 'retry-after': '9' }, 'waits'],
  [{ 'retry-after': '10' }, 'answers'],
  [{ 'retry-after-ms': '9999' }, 'waits'],
  [{ 'retry-after-ms': '10000', 'retry-after': '1' }, 'answers'],
  [{ 'x-ms-retry-after-ms': '10000' }, 'answers'],
  [{ 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }, 'answers'],
  [{ 'retry-after': new Date(Date.now() - 3_600_000).toUTCString() }, 'waits'],
  [{ 'retry-after': 'soon' }, 'waits'],
])('with ten seconds left, after %j a client %s', async (headers, does) => {
  const left = await withDeadline(10_000, () => seen(headers));
  expect(left).toEqual({ ...(does === 'waits' && headers), 'x-ms-request-id': 'r' });
});

it('counts what a call has left, and not what its invocation has', async () => {
  const left = await withDeadline(60_000, () => within(10_000, () => seen({ 'retry-after': '10' })));
  expect(left).not.toHaveProperty('retry-after');
});

it('without a deadline every pause is waited for', async () => {
  expect(await seen({ 'retry-after': '3600' })).toHaveProperty('retry-after');
});

it('the vault is named as throttled, where it asks to wait for longer than a call has', async () => {
  vi.useRealTimers();
  const world = await startVaultWorld();
  try {
    const vault = world.open();
    const stored = await vault.store(secretNamed('throttled', 'cflt-throttled'), 10_000);
    if (stored.kind !== 'stored') throw new Error('The vault did not store.');
    const { version } = stored.stored;
    world.faults.add({ service: 'vault', fault: { status: 429, headers: { 'retry-after': '3600' } } });
    const throttled = { upstream: { service: 'vault', status: 429 } };
    expect(await vault.listVersions(VAULT_URL, 'throttled')).toMatchObject(throttled);
    expect(await vault.disableVersion(VAULT_URL, 'throttled', version)).toMatchObject(throttled);
    expect(await vault.lookUpName(VAULT_URL, 'throttled')).toMatchObject(throttled);
    expect(await vault.store(secretNamed('throttled', 'cflt-again'), 10_000)).toMatchObject(throttled);
    expect(await vault.proveWritable(VAULT_URL)).toMatchObject(throttled);
  } finally {
    await world.emulator.close();
  }
});
