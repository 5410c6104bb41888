import type { PipelineRequest } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLedger } from '../../../src/azure/ledger/ledger.ts';
import type { Ledger } from '../../../src/vending/ports/ledger.ts';
import { DEFAULT_TIMINGS } from '../../vending/world/timings.ts';
import { goodCredential } from '../arm/fixtures.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it.each<[string, (ledger: Ledger) => Promise<unknown>]>([
  ['a row read', (ledger) => ledger.read('key', 'KEY')],
  ['a list', (ledger) => ledger.list({ kind: 'key', limit: 1 })],
  ['a commit', (ledger) => ledger.commit({ remove: ['audit_x'] })],
  ['a credential removed', (ledger) => ledger.commit({ credential: { action: 'remove', id: 'i', etag: 'W/"1"' } })],
  ['a ping', (ledger) => ledger.ping()],
])('%s that hangs is cut at the deadline: it would keep its connection', async (_what, call) => {
  const cut: string[] = [];
  const sendRequest = (request: PipelineRequest) =>
    new Promise<never>((_resolve, reject) => {
      request.abortSignal?.addEventListener('abort', () => {
        cut.push(request.method);
        reject(new DOMException('aborted', 'AbortError'));
      });
    });
  const endpoint = 'https://account.table.core.windows.net';
  const options = { credential: goodCredential, endpoint, table: 'ledger', timings: DEFAULT_TIMINGS };
  const asked = call(createLedger({ ...options, httpClient: { sendRequest } }));
  await vi.advanceTimersByTimeAsync(4_999);
  expect(cut).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await asked;
  expect(cut).toHaveLength(1);
});
