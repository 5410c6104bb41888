import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { recordStream, startWatched } from './rig.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startWatched();
});
afterAll(() => sandbox.close());

const HTML = { accept: 'text/html,application/xhtml+xml' };
const get = (path: string, headers: Record<string, string> = {}) => fetch(`${sandbox.controlUrl}${path}`, { headers });

/** `fetch` sets `Host` and `Origin` itself. */
const statusWith = (method: string, path: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const sent = request(`${sandbox.controlUrl}${path}`, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject).end();
  });

const ownHost = (): string => new URL(sandbox.controlUrl).host;

describe('the root of the control API', () => {
  it('is the console for browsers, and JSON for everybody else', async () => {
    expect((await get('/', HTML)).headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await (await get('/')).json()).toMatchObject({ control: sandbox.controlUrl });
  });

  it('serves every file of the page as scripts and styles that are its own', async () => {
    const page = join(import.meta.dirname, '../../../src/sandbox/console/page');
    for (const file of readdirSync(page).filter((name) => !name.endsWith('.json'))) {
      const response = await get(`/console/${file}`);
      expect([file, response.status]).toEqual([file, 200]);
      expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; /);
      expect(await response.text()).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    }
  });

  it.each(['/console/tsconfig.json', '/console/..%2fconsole.ts', '/console/%2e%2e/assets.ts', '/console/none.ts'])(
    'does not serve %s',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );
});

describe('a request of another site', () => {
  it.each([
    ['a name that leads here', { host: 'attacker.example' }],
    ['a name that begins like this machine', { host: '127.0.0.1.attacker.example' }],
    ['another origin', { origin: 'http://attacker.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['an opaque origin', { origin: 'null' }],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
  ])('is refused: %s', async (_, headers) => {
    for (const path of ['/ledger', '/console/stream', '/vault/secrets/a'])
      expect([path, await statusWith('GET', path, headers)]).toEqual([path, 403]);
    for (const path of ['/tokens', '/clock', '/console/requests'])
      expect([path, await statusWith('POST', path, headers)]).toEqual([path, 403]);
    expect(await statusWith('DELETE', '/faults', headers)).toBe(403);
  });

  it('is let through from the page itself, from curl, and by a link to the console', async () => {
    expect(await statusWith('DELETE', '/faults', { origin: sandbox.controlUrl, 'sec-fetch-site': 'same-origin' })).toBe(
      204,
    );
    expect(await statusWith('DELETE', '/faults', {})).toBe(204);
    expect(await statusWith('DELETE', '/faults', { host: ownHost().replace('127.0.0.1', 'localhost') })).toBe(204);
    const link = { ...HTML, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect(await statusWith('GET', '/', link)).toBe(200);
  });
});

describe('the console', () => {
  it('asks the function with a token of its own, and answers what the function said', async () => {
    const body = { environmentId: 'env-12132', clusterId: 'clusterId-123', name: 'asked' };
    const asked = { method: 'POST', path: '/api/v1/credentials', as: 'portal', idempotencyKey: 'asked', body };
    const response = await fetch(`${sandbox.controlUrl}/console/requests`, {
      method: 'POST',
      body: JSON.stringify(asked),
    });
    expect(await response.json()).toMatchObject({ status: 201, body: { status: 'vended' } });
  });

  it.each(['/api/health', 'http://example.org/', '/api/v1/../../x', ''])(
    'asks for no other path than %o',
    async (path) => {
      const asked = { method: 'GET', path, as: 'portal' };
      const response = await fetch(`${sandbox.controlUrl}/console/requests`, {
        method: 'POST',
        body: JSON.stringify(asked),
      });
      const { status } = response.status === 200 ? ((await response.json()) as { status: number }) : response;
      expect([400, 404]).toContain(status);
    },
  );

  it('streams an invocation with its calls, each named after it', async () => {
    const stream = await recordStream(sandbox.controlUrl);
    const message = {
      messageId: 'streamed',
      body: { environmentId: 'env-12132', clusterId: 'clusterId-123', name: 'm' },
    };
    await fetch(`${sandbox.controlUrl}/queues/vend-requests`, { method: 'POST', body: JSON.stringify(message) });
    const streamed = () =>
      sandbox.activity
        ?.invocations()
        .find(({ trigger }) => trigger.kind === 'queue' && trigger.messageId === 'streamed');
    await expect.poll(() => streamed()?.end?.status, { timeout: 20_000 }).toBe('vended');
    const invocation = streamed();
    await expect
      .poll(() => stream.text(), { timeout: 5_000 })
      .toContain(`"event":"ended","invocationId":"${invocation?.id}"`);
    stream.stop();
    const calls = invocation?.steps.flatMap((step) =>
      step.kind === 'call' ? [`${step.service} ${step.operation}`] : [],
    );
    expect(calls).toEqual(
      expect.arrayContaining(['table batch', 'arm createApiKey', 'vault setSecret', 'bus send vended']),
    );
  });
});

it('a sandbox that nobody watches has no console, and reports nothing', async () => {
  const { startSandbox } = await import('../../../src/sandbox/sandbox.ts');
  const alone = await startSandbox({ port: 0, controlPort: 0, withFunction: false });
  const response = await fetch(alone.controlUrl, { headers: HTML });
  expect(await response.json()).toMatchObject({ control: alone.controlUrl });
  expect(alone.activity).toBeUndefined();
  await alone.close();
});
