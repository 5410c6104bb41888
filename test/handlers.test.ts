import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpRequest, InvocationContext } from '@azure/functions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../src/config.ts';
import { HEALTH_ROUTES, ROUTES } from '../src/functions/routes.ts';
import { createHandlers } from '../src/handlers.ts';

const UUID = '00000000-0000-0000-0000-000000000000';
const config = readConfig({
  env: {
    ENTRA_TENANT_ID: UUID,
    ENTRA_AUDIENCE: 'api://vending',
    KEY_VAULT_URL: 'https://myvault.vault.azure.net',
    LEDGER_TABLE_ENDPOINT: 'https://account.table.core.windows.net',
    ServiceBusConnection__fullyQualifiedNamespace: 'ns.servicebus.windows.net',
    REQUEST_QUEUES: 'requests',
    RETRY_QUEUE: 'retries',
    RESULT_QUEUE: 'results',
    POLICY: '{"rules": []}',
  },
  readFile: () => '',
});

it('every route has a handler', () => {
  const { http } = createHandlers(config);
  expect(Object.keys(http)).toHaveLength(ROUTES.length + HEALTH_ROUTES.length);
  for (const { name } of [...ROUTES, ...HEALTH_ROUTES]) expect(http[name]).toBeTypeOf('function');
});

describe('the end of the process', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const isOver = async (closing: Promise<void>, ms: number): Promise<boolean> => {
    let over = false;
    void closing.then(() => {
      over = true;
    });
    await vi.advanceTimersByTimeAsync(ms);
    return over;
  };

  it('waits for nothing where nothing is under way', async () => {
    expect(await isOver(createHandlers(config).close(), 0)).toBe(true);
  });

  it('waits for an invocation, and not longer than the worker lets it', async () => {
    const asked = vi.fn(() => new Promise<never>(() => undefined));
    vi.stubGlobal('fetch', asked);
    const { http, close } = createHandlers(config);
    const token = [{ alg: 'RS256', kid: 'k' }, {}, {}].map((part) => btoa(JSON.stringify(part)).replaceAll('=', ''));
    const request = new HttpRequest({
      method: 'GET',
      url: 'http://localhost/api/v1/credentials',
      headers: { authorization: `Bearer ${token.join('.')}` },
    });
    void http.listCredentials(request, new InvocationContext());
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toHaveBeenCalled();
    const closing = close();
    expect(await isOver(closing, 3_499)).toBe(false);
    expect(await isOver(closing, 1_001)).toBe(true);
  });
});

it('the end of the process waits for exporters, and not longer than the worker lets it', async () => {
  // Loaded ahead: beside other tests that may take longer than the end of the process.
  await import('../src/azure/telemetry/open-telemetry.ts');
  const exported: (string | undefined)[] = [];
  const silent = createServer(({ url }) => void exported.push(url)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const telemetry = { endpoint, serviceName: 'vending', spanDelayMs: 5_000, metricIntervalMs: 60_000 };
  const { retries, close } = createHandlers({ ...config, telemetry });
  const triggerMetadata = { lockToken: 'l', sequenceNumber: 1 };
  const context = new InvocationContext({ triggerMetadata, logHandler: () => undefined });
  // It is refused and counted. Its answer finds no bus.
  void Promise.resolve(retries(Buffer.from('{}'), context)).catch(() => undefined);
  const began = performance.now();
  await close();
  expect(performance.now() - began).toBeGreaterThan(4_400);
  expect(performance.now() - began).toBeLessThan(6_000);
  expect(exported).toContain('/v1/metrics');
  silent.closeAllConnections();
  silent.close();
});
