import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { build, type Metafile } from 'esbuild';

const ROOT = join(import.meta.dirname, '../../..');

export interface Tools {
  readonly worker: string;
  /** With it, production host names lead to the emulators. */
  readonly rig: string;
  /** What the worker's bundle was made of. */
  readonly workerInputs: readonly string[];
}

/** Bundles what runs in a measured process, so that stripping types from it is not measured. */
export async function buildTools(folder: string): Promise<Tools> {
  const [worker, rig] = [join(folder, 'worker.cjs'), join(folder, 'rig.cjs')];
  const { inputs } = await bundle('test/bench/cold-start/worker.ts', worker);
  await bundle('src/sandbox/tls/rig.ts', rig);
  return { worker, rig, workerInputs: Object.keys(inputs) };
}

async function bundle(entry: string, outfile: string): Promise<Metafile> {
  const { metafile } = await build({
    ...{ entryPoints: [entry], outfile, absWorkingDir: ROOT, metafile: true },
    ...{ bundle: true, platform: 'node', target: 'node22', format: 'cjs', logLevel: 'warning' },
  });
  return metafile;
}

/** Runs what follows on the last core, where the machine has `taskset`; empty where it has not. */
export function pinning(): readonly string[] {
  // Node.js is started with the app settings alone, among which there is no PATH.
  const folders = (process.env.PATH ?? '').split(delimiter);
  const taskset = folders.map((folder) => join(folder, 'taskset')).find((path) => existsSync(path));
  if (taskset === undefined) return [];
  const command = [taskset, '-c', String(availableParallelism() - 1)] as const;
  try {
    execFileSync(command[0], [...command.slice(1), process.execPath, '--version'], { stdio: 'ignore' });
    return command;
  } catch {
    return [];
  }
}
