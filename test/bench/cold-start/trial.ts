import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmulatedAzure } from '../../../src/sandbox/azure/azure.ts';
import { issueToken } from '../../../src/sandbox/azure/tokens.ts';
import { WORLD } from '../../../src/sandbox/azure/world.ts';
import { TLS_ROUTES_VARIABLE } from '../../../src/sandbox/tls/routes.ts';
import type { BuiltContenders } from '../contenders/build.ts';
import type { Contender } from './contenders.ts';
import type { VendOrder } from './messages.ts';
import { type Started, startOnce } from './start.ts';
import type { Tools } from './tools.ts';

export interface Sample {
  readonly registeredMs: number;
  readonly cpuMs: number;
  readonly rssMiB: number;
  readonly firstVend: { readonly ms: number; readonly cpuMs: number } | undefined;
}

export interface Trial {
  readonly contender: Contender;
  readonly samples: readonly Sample[];
  /** Reads from the disk what the first start would, and fills the compile cache of whoever has one. */
  warmUp(): Promise<void>;
  run(): Promise<void>;
}

export interface Course {
  readonly azure: EmulatedAzure;
  readonly built: BuiltContenders;
  readonly tools: Tools;
  /** For what is left on the disk. */
  readonly folder: string;
  readonly pinning: readonly string[];
}

export async function createTrial(contender: Contender, course: Course): Promise<Trial> {
  const { azure, built, tools, folder, pinning } = course;
  const cache = contender.compileCache
    ? { NODE_COMPILE_CACHE: await mkdtemp(join(folder, 'compile-cache-')) }
    : undefined;
  const common = { folder: built.folder(contender.app), worker: tools.worker, pinning };
  const register = (): Promise<Started> =>
    startOnce({ ...common, env: { ...outsideTheSandbox(azure.appSettings), ...cache } });
  const vend = async (): Promise<Sample['firstVend']> => {
    const env = { ...azure.appSettings, ...cache };
    const started = await startOnce({ ...common, env, preload: tools.rig, vend: await newOrder(azure) });
    if (started.vend?.status !== 201) throw new Error(`${contender.title} answered ${started.vend?.status}`);
    return { ms: started.vend.answeredMs, cpuMs: started.vend.cpuMs };
  };
  const take = async (): Promise<Sample> => {
    const { registeredMs, cpuMs, rssMiB } = await register();
    return { registeredMs, cpuMs, rssMiB, firstVend: contender.vends ? await vend() : undefined };
  };
  const samples: Sample[] = [];
  return {
    contender,
    samples,
    warmUp: async () => {
      // First: Node.js caches what the process that fills the cache has compiled, and a vend needs more of it.
      if (contender.vends) await vend();
      await register();
    },
    run: async () => {
      samples.push(await take());
    },
  };
}

/** Without what leads into the sandbox: nothing is asked of it before the functions are registered. */
function outsideTheSandbox(settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { NODE_EXTRA_CA_CERTS: _authority, [TLS_ROUTES_VARIABLE]: _routes, ...rest } = settings;
  return rest;
}

async function newOrder({ issuer }: EmulatedAzure): Promise<VendOrder> {
  const { access_token: token } = await issueToken(issuer, {});
  const { environmentId, clusterId } = WORLD.target;
  return {
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify({ environmentId, clusterId, name: 'cold-start' }),
  };
}
