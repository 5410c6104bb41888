import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { RIG } from '../../src/sandbox/azure/app-settings.ts';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { COMPILE_CACHE } from '../../src/sandbox/host/launch.ts';
import { TLS_ROUTES_VARIABLE } from '../../src/sandbox/tls/routes.ts';
import type { Rig } from '../e2e/harness.ts';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The line of a check, as it was printed. */
  line(check: string): string | undefined;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

const TARGET = ['--environment', WORLD.target.environmentId, '--cluster', WORLD.target.clusterId];
/** Waits for the first retry only. */
export const IMPATIENT = [...TARGET, '--patience', '2'];
const VAULT = 'https://vault.azure.net';

export const tokenOf = async (rig: Rig, audience: string = WORLD.audience, oid: string = WORLD.portalOid) =>
  rig.token({ audience, oid });

/** `npm run smoke` as a user runs it. With the preload Azure's host names lead into the sandbox on that machine. */
export async function startSmoke(
  rig: Rig,
  url: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [...TARGET, '--patience', '20'],
  preload: readonly string[] = ['--import', RIG],
): Promise<Running> {
  const { NODE_EXTRA_CA_CERTS = '', [TLS_ROUTES_VARIABLE]: routes = '' } = rig.sandbox.azure.appSettings;
  const main = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [...preload, main, '--url', url, ...args], {
    env: {
      ...COMPILE_CACHE,
      PATH: process.env.PATH,
      NODE_EXTRA_CA_CERTS,
      [TLS_ROUTES_VARIABLE]: routes,
      SMOKE_TOKEN: await tokenOf(rig),
      SMOKE_VAULT_TOKEN: await tokenOf(rig, VAULT),
      ...env,
    },
  });
  return { child, finished: outcomeOf(child) };
}

export async function runSmoke(...args: Parameters<typeof startSmoke>): Promise<Finished> {
  return (await startSmoke(...args)).finished;
}

async function outcomeOf(child: ChildProcess): Promise<Finished> {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk) => {
      texts[name] += chunk;
    });
  }
  const [code] = await once(child, 'close');
  const lines = texts.stdout.split('\n');
  return { code, ...texts, line: (check) => lines.find((line) => line.slice(8).startsWith(`${check} `)) };
}
