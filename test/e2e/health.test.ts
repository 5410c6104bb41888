import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { FaultRule } from '../../src/sandbox/kit/faults.ts';
import { Rig } from './harness.ts';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));

const NO_STORE = { 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' };

/** Without a token, as a load balancer asks. */
async function ask(rig: Rig, path: string): Promise<{ status: number; headers: object; body: unknown }> {
  const response = await fetch(`${rig.url}/api${path}`);
  const { 'cache-control': cache, 'content-type': type } = Object.fromEntries(response.headers);
  return {
    status: response.status,
    headers: { 'cache-control': cache, 'content-type': type },
    body: await response.json(),
  };
}

/** The function must never have been well: tokens and proofs of the vault are good for a while. */
async function withFaults(rules: readonly FaultRule[], use: (rig: Rig) => Promise<void>): Promise<void> {
  const rig = await Rig.start();
  try {
    for (const rule of rules) rig.fault(rule);
    await use(rig);
  } finally {
    await rig.close();
  }
}

describe('a healthy function', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.start();
  });
  afterAll(() => rig.close());

  it('lives and is ready, and tells so to anybody', async () => {
    expect(await ask(rig, '/health/live')).toEqual({ status: 200, headers: NO_STORE, body: { status: 'live' } });
    expect(await ask(rig, '/health/ready')).toEqual({
      status: 200,
      headers: NO_STORE,
      body: { status: 'ready', version },
    });
  });

  it('cannot be made to work by those who ask: however many do, the services are asked once', async () => {
    const { vault, arm } = rig.sandbox.azure;
    const before = vault.requests().length;
    expect(before).toBeGreaterThan(0);
    const replies = await Promise.all(Array.from({ length: 30 }, () => ask(rig, '/health/ready')));
    expect(replies.map(({ status }) => status)).toEqual(Array(30).fill(200));
    expect(vault.requests()).toHaveLength(before);
    expect(arm.requests()).toEqual([]);
  });

  it('serves its contract to anybody, with every route in it', async () => {
    const { status, headers, body } = await ask(rig, '/v1/openapi.json');
    expect({ status, headers }).toEqual({ status: 200, headers: NO_STORE });
    const { openapi, info, servers, paths } = body as Record<'openapi' | 'info' | 'servers' | 'paths', object>;
    expect(info).toMatchObject({ version });
    expect({ openapi, servers }).toEqual({ openapi: '3.1.0', servers: [{ url: '/api' }] });
    for (const [path, methods] of Object.entries(paths)) {
      for (const method of Object.keys(methods)) {
        const response = await fetch(`${rig.url}/api${path.replace('{id}', 'a')}`, {
          method: method.toUpperCase(),
        });
        expect([path, await response.text()]).not.toEqual([path, '']);
      }
    }
  });
});

describe.concurrent('a function without', () => {
  const hang = { delayMs: 60_000 };

  it.for<[string, FaultRule[], string[]]>([
    ['a vault that takes writes', [{ service: 'vault', operation: 'setSecret', fault: { status: 403 } }], ['vault']],
    ['a ledger', [{ service: 'table', fault: { drop: 'before' } }], ['ledger']],
    ['an identity endpoint that ever answers', [{ service: 'identity', fault: hang }], ['token', 'vault', 'ledger']],
    [
      'vault and ledger that ever answer',
      [
        { service: 'vault', fault: hang },
        { service: 'table', fault: hang },
      ],
      ['vault', 'ledger'],
    ],
  ])('%s lives, and says what it lacks without naming it', async ([, rules, failing], { expect }) => {
    await withFaults(rules, async (rig) => {
      const reply = await ask(rig, '/health/ready');
      expect(reply).toEqual({ status: 503, headers: NO_STORE, body: { status: 'not-ready', version, failing } });
      expect(JSON.stringify(reply)).not.toContain(WORLD.vaults[0]);
      expect((await ask(rig, '/health/live')).status).toBe(200);
    });
  });
});
