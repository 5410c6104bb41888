import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import * as z from 'zod';
import { type JsonRpc, startJsonRpc } from './json-rpc.ts';

const diagnostic = z.object({
  source: z.string(),
  range: z.object({ start: z.object({ line: z.number(), char: z.number() }) }),
  code: z.string(),
  message: z.string(),
});
const compiled = z.object({ diagnostics: z.array(diagnostic) });
const referenced = z.object({ filePaths: z.array(z.string()) });
const formatted = z.object({ contents: z.string() });
const versioned = z.object({ version: z.string() });
const predicted = z.object({ snapshot: z.string() });

export interface Compiler {
  version(): Promise<string>;
  /** One line for each fault of a folder's Bicep and parameter files: `file(line,column): message`. */
  check(folder: string): Promise<string[]>;
  /** Predicts what a parameter file deploys. The answer is the JSON text of `bicep snapshot`. */
  snapshot(parameters: string): Promise<string>;
  close(): void;
}

/** Where a snapshot is taken: made up, but of the right form. */
const PLACE = {
  tenantId: '11111111-1111-4111-8111-111111111111',
  subscriptionId: '22222222-2222-4222-8222-222222222222',
  resourceGroup: 'key-vending',
  location: 'westeurope',
  deploymentName: 'main',
};

/** One process for many files: the compiler takes seconds to start, and a fraction of one for each file after that. */
export function startCompiler(path: string): Compiler {
  // .NET would compile its code a second time, which takes more of the processor than a short run gives back: a third.
  const rpc = startJsonRpc(path, ['jsonrpc', '--stdio'], { ...process.env, DOTNET_TieredCompilation: '0' });
  return {
    version: async () => versioned.parse(await rpc.call('bicep/version', {})).version,
    check: (folder) => check(rpc, resolve(folder)),
    snapshot: async (parameters) =>
      predicted.parse(await rpc.call('bicep/getSnapshot', { path: parameters, metadata: PLACE })).snapshot,
    close: () => rpc.close(),
  };
}

async function check(rpc: JsonRpc, folder: string): Promise<string[]> {
  const lines = new Set<string>();
  const covered = new Set<string>();
  for (const path of bicepIn(folder)) {
    if (!covered.has(path)) {
      for (const line of await compile(rpc, folder, path)) lines.add(line);
      const { filePaths } = referenced.parse(await rpc.call('bicep/getFileReferences', { path }));
      for (const file of filePaths) covered.add(file);
    }
    const { contents } = formatted.parse(await rpc.call('bicep/format', { path }));
    if (contents !== readFileSync(path, 'utf8')) lines.add(`${relative(folder, path)}: is not formatted`);
  }
  return [...lines];
}

async function compile(rpc: JsonRpc, folder: string, path: string): Promise<string[]> {
  const method = path.endsWith('.bicepparam') ? 'bicep/compileParams' : 'bicep/compile';
  const { diagnostics } = compiled.parse(await rpc.call(method, { path, parameterOverrides: {} }));
  return diagnostics.map(({ source, range, code, message }) => {
    const { line, char } = range.start;
    return `${relative(folder, source)}(${line + 1},${char + 1}): ${code}: ${message}`;
  });
}

/** Parameter files come first: to compile one is to compile all that it leads to. */
function bicepIn(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const ending = (end: string) => paths.filter((path) => path.endsWith(end)).map((path) => join(folder, path));
  return [...ending('.bicepparam'), ...ending('.bicep')];
}
