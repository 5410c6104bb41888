import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RIG } from '../../src/sandbox/azure/app-settings.ts';
import { type EmulatedAzure, startAzure } from '../../src/sandbox/azure/azure.ts';
import { issueToken } from '../../src/sandbox/azure/tokens.ts';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { type HostProcess, launchHost } from '../../src/sandbox/host/launch.ts';
import { EXAMPLE, until } from '../e2e/harness.ts';
import { POLICY_NAME, packageApp } from './package-app.ts';
import { PROJECT, projectFile } from './project.ts';

const files = unzipSync(packageApp(PROJECT, projectFile('infra/policy.sample.jsonc')).zip);

it('holds the app and its licences, and nothing else', () => {
  const required = ['LICENSE', 'THIRD-PARTY-NOTICES.txt', 'dist/index.mjs', 'host.json', 'package.json'];
  const withoutChunks = (names: readonly string[]) => names.filter((name) => !/^dist\/chunks\/[\w-]+\.mjs$/.test(name));
  const bare = Object.keys(unzipSync(packageApp(PROJECT).zip));
  expect(withoutChunks(bare)).toEqual(required);
  expect(Object.keys(files)).toEqual([...bare, POLICY_NAME]);
  const manifest: object = JSON.parse(Buffer.from(files['package.json'] ?? []).toString());
  expect(Object.keys(manifest)).toEqual(['name', 'version', 'private', 'license', 'main']);
});

it('takes no policy along that the app would not start with', () => {
  expect(() => packageApp(PROJECT, '{"rules": [{"name": "all"}]}')).toThrow(/would not start:\n {2}rules\[0\]/);
});

describe('unpacked into an empty folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  let azure: EmulatedAzure;
  let host: HostProcess;

  beforeAll(async () => {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    azure = await startAzure();
    const env = { ...azure.appSettings, POLICY_FILE: join(folder, POLICY_NAME) };
    host = await launchHost({ appDir: folder, port: 0, env, execArgv: ['--import', RIG], onLog: () => undefined });
  });
  afterAll(async () => {
    await host.stop();
    await azure.close();
    rmSync(folder, { recursive: true });
  });

  it('has no modules to fall back on', () => {
    for (let path = folder; path !== dirname(path); path = dirname(path)) {
      expect(existsSync(join(path, 'node_modules'))).toBe(false);
    }
  });

  it('vends a key over HTTP', async () => {
    const { access_token } = await issueToken(azure.issuer, {});
    const response = await fetch(`${host.url}/api/v1/credentials`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${access_token}`,
        'content-type': 'application/json',
        'idempotency-key': 'packaged-http',
      },
      body: JSON.stringify(EXAMPLE),
    });
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 201,
      body: { status: 'vended', secret: { vaultUrl: 'https://sandbox-vault.vault.azure.net' } },
    });
  });

  it('vends a key over the queue', async () => {
    azure.broker.enqueue(WORLD.queues.request, { messageId: 'packaged-queue', body: EXAMPLE });
    const reply = await until(() =>
      azure.broker.view(WORLD.queues.result)?.messages.find((one) => one.correlationId === 'packaged-queue'),
    );
    expect(reply).toMatchObject({ subject: 'vended', body: { status: 'vended' } });
    expect(azure.arm.keys().filter(({ deleted }) => !deleted)).toHaveLength(2);
  });
});
