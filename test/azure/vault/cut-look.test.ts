import type { PipelineRequest } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSecretVault } from '../../../src/azure/vault/secret-vault.ts';
import { goodCredential } from '../arm/fixtures.ts';
import { ScriptedVault, VAULT_URL } from './scripted-vault.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it.each(['lookUpName', 'listVersions', 'disableVersion', 'listNames', 'proveWritable'] as const)(
  'a request of %s that hangs is cut at the deadline: it would keep its connection',
  async (call) => {
    const cut: string[] = [];
    const scripted = new ScriptedVault({ status: 200, body: { value: [] } });
    const httpClient = {
      sendRequest: (request: PipelineRequest) => {
        const { pathname } = new URL(request.url);
        const answers =
          !request.headers.has('authorization') || (call === 'lookUpName' && pathname.endsWith('/versions'));
        if (answers) return scripted.sendRequest(request);
        return new Promise<never>((_resolve, reject) => {
          request.abortSignal?.addEventListener('abort', () => {
            cut.push(pathname);
            reject(new DOMException('aborted', 'AbortError'));
          });
        });
      },
    };
    const clock = { now: () => Date.now(), sleep: async () => undefined };
    const vault = createSecretVault({ credential: goodCredential, clock, clientOptions: { httpClient } });
    const looked = vault[call](VAULT_URL, 'orders', '1');
    await vi.advanceTimersByTimeAsync(call === 'proveWritable' ? 5_000 : 10_000);
    expect(['unavailable', 'not-writable']).toContain((await looked).kind);
    expect(cut).toHaveLength(1);
  },
);

it('a write that proves nothing in five seconds is cut: it would keep its connection', async () => {
  const cut: string[] = [];
  const none = new ScriptedVault({ status: 200, body: { value: [] } });
  const httpClient = {
    sendRequest: (request: PipelineRequest) => {
      if (request.method === 'GET' || !request.headers.has('authorization')) return none.sendRequest(request);
      return new Promise<never>((_resolve, reject) => {
        request.abortSignal?.addEventListener('abort', () => {
          cut.push(request.method);
          reject(new DOMException('aborted', 'AbortError'));
        });
      });
    },
  };
  const clock = { now: () => Date.now(), sleep: async () => undefined };
  const vault = createSecretVault({ credential: goodCredential, clock, clientOptions: { httpClient } });
  const proof = vault.proveWritable(VAULT_URL);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(cut).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect((await proof).kind).toBe('not-writable');
  expect(cut).toEqual(['PUT']);
});
