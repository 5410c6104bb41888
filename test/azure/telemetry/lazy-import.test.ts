import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Collector } from '../../e2e/collector.ts';

const PROJECT = new URL('../../../', import.meta.url).pathname;
const SETTINGS = {
  ENTRA_TENANT_ID: '00000000-0000-0000-0000-000000000000',
  ENTRA_AUDIENCE: 'api://confluent-api-key-vending',
  POLICY_FILE: join(PROJECT, 'infra/policy.sample.jsonc'),
  KEY_VAULT_URL: 'https://myvault.vault.azure.net',
  LEDGER_TABLE_ENDPOINT: 'https://account.table.core.windows.net',
  ServiceBusConnection__fullyQualifiedNamespace: 'ns.servicebus.windows.net',
  REQUEST_QUEUES: 'requests',
  RETRY_QUEUE: 'retries',
  RESULT_QUEUE: 'results',
};

/** Loads the bundle as the worker does, lets what it began end, and tells which OpenTelemetry packages were executed. */
const LOADER = `
const { Module } = require('node:module');
globalThis.executed = new Set();
let functions = 0;
class Disposable { dispose() {} }
const core = { Disposable, version: '3', hostVersion: '4', setProgrammingModel() {}, getProgrammingModel() {},
  registerHook: () => new Disposable(), registerFunction: () => { functions++; return new Disposable(); }, log() {} };
const load = Module.prototype.require;
Module.prototype.require = function (id) { return id === '@azure/functions-core' ? core : load.call(this, id); };
const tell = () => { console.log(JSON.stringify({ functions, executed: [...executed] })); process.exit(0); };
import('./index.mjs').then(() => setTimeout(tell, 600));
`;

let folder: string;
let collector: Collector;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  writeFileSync(join(folder, 'load.cjs'), LOADER);
  collector = await Collector.start();
  await bundle(folder);
});
afterAll(() => collector.close());

/** As `npm run build` does it, but every module of OpenTelemetry first says that it is executed. */
async function bundle(outdir: string): Promise<void> {
  const [, arguments_ = ''] =
    /"build": ".* && esbuild src\/index.ts ([^"]*)/.exec(readFileSync(`${PROJECT}package.json`, 'utf8')) ?? [];
  expect(arguments_).toContain('--bundle --platform=node --target=node22 --format=esm --splitting');
  await build({
    entryPoints: [join(PROJECT, 'src/index.ts')],
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    splitting: true,
    outExtension: { '.js': '.mjs' },
    banner: { js: `import { createRequire as of } from 'node:module'; const require = of(import.meta.url);` },
    external: ['@azure/functions-core'],
    outdir,
    logLevel: 'error',
    plugins: [
      {
        name: 'tell',
        setup: ({ onLoad }) =>
          onLoad({ filter: /node_modules\/@opentelemetry\/.*\.[cm]?js$/ }, ({ path }) => {
            const [, name = ''] = /node_modules\/(@opentelemetry\/[^/]+)/.exec(path) ?? [];
            return { contents: `globalThis.executed.add('${name}');\n${readFileSync(path, 'utf8')}` };
          }),
      },
    ],
  });
}

function start(settings: Readonly<Record<string, string>>): { functions: number; executed: string[] } {
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'load.cjs')], {
    env: { ...SETTINGS, ...settings },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

it('nothing of OpenTelemetry is executed where no exporter is configured', () => {
  const { functions, executed } = start({ OTEL_SERVICE_NAME: 'off', OTEL_METRIC_EXPORT_INTERVAL: '10' });
  expect(functions).toBeGreaterThan(10);
  expect(executed).toEqual([]);
});

it('all that is needed is executed where one is', () => {
  const { functions, executed } = start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
  expect(functions).toBeGreaterThan(10);
  expect(executed).toEqual(
    expect.arrayContaining(['@opentelemetry/api', '@opentelemetry/sdk-trace', '@opentelemetry/sdk-metrics']),
  );
});
