import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const SANDBOX = join(import.meta.dirname, '../../src/sandbox');

export interface CompiledHost {
  /** The host's entry point. */
  readonly main: string;
  /** The module that its process imports first, to find emulated Azure. */
  readonly rig: string;
  close(): Promise<void>;
}

/** The local Functions host as JavaScript: stripping types at run time takes 50 MB, which are not the function's. */
export async function compileHost(): Promise<CompiledHost> {
  const outdir = await mkdtemp(join(tmpdir(), 'host-'));
  await build({
    entryPoints: ['host/main.ts', 'host/worker.ts', 'tls/rig.ts'].map((path) => join(SANDBOX, path)),
    outdir,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    banner: {
      js: `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`,
    },
    logLevel: 'error',
  });
  return {
    main: join(outdir, 'host/main.mjs'),
    rig: join(outdir, 'tls/rig.mjs'),
    close: () => rm(outdir, { recursive: true }),
  };
}
