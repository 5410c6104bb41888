import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** Every file stays one of its own: what it imports is left to Node.js, under the name that the other file will have. */
const apart: Plugin = {
  name: 'apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.{1,2}\// }, ({ kind, path }) =>
      kind === 'entry-point' ? undefined : { path: path.replace(/\.ts$/, '.js'), external: true },
    );
  },
};

/**
 * Transpiles the entry point and, file by file, what it imports of the project's own; packages come from `node_modules`.
 * CommonJS, which Node.js loads faster than modules, and which Azure Functions' own template compiles to.
 * Gives the emitted entry point, relative to the folder.
 */
export async function transpile(project: string, entry: string, folder: string): Promise<string> {
  await build({
    entryPoints: await ownFiles(project, entry),
    absWorkingDir: project,
    outbase: project,
    outdir: folder,
    ...{ bundle: true, plugins: [apart], packages: 'external' },
    ...{ platform: 'node', target: 'node22', format: 'cjs', logLevel: 'warning' },
  });
  return entry.replace(/\.ts$/, '.js');
}

async function ownFiles(project: string, entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(project, entry)],
    absWorkingDir: project,
    ...{ bundle: true, packages: 'external', platform: 'node', format: 'esm' },
    ...{ write: false, metafile: true, outdir: project, logLevel: 'warning' },
  });
  return Object.keys(metafile.inputs);
}
