import { readFileSync } from 'node:fs';
import * as z from 'zod';

const ENTRY_POINT = 'src/index.ts';

const outputSchema = z.object({
  bytes: z.int(),
  entryPoint: z.string().exactOptional(),
  imports: z.array(z.object({ path: z.string(), kind: z.string() })),
  inputs: z.record(z.string(), z.unknown()),
});
type Outputs = Readonly<Record<string, z.infer<typeof outputSchema>>>;

const schema = z.object({
  inputs: z.record(
    z.string(),
    z.object({ imports: z.array(z.object({ path: z.string(), external: z.boolean().exactOptional() })) }),
  ),
  outputs: z.record(z.string(), outputSchema),
});

/** What esbuild says of a build; paths are relative to the project and use `/`. */
export interface Metafile {
  /** The files that it made: the entry point and the chunks that this loads. */
  readonly made: readonly string[];
  /** Of them the ones that are loaded before any trigger is registered: the entry point and what it imports at once. */
  readonly loadedAtStart: readonly string[];
  /** The files of which something is in the bundle. */
  readonly bundled: readonly string[];
  /** The files that esbuild read to find that out. */
  readonly read: readonly string[];
  /** The files that a file imports, whether or not they got in. */
  importsOf(input: string): readonly string[];
  /** Size of files that it made, in all. */
  bytesOf(made: readonly string[]): number;
}

/** @throws Error where the bundle holds anything of ours that is not product: the sandbox signs its own tokens. */
export function readMetafile(path: string): Metafile {
  const { inputs, outputs } = schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const inputsOfAll = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const bundled = [...new Set(inputsOfAll)].sort();
  const strangers = bundled.filter((input) => !isProduct(input));
  if (strangers.length > 0) throw new Error(`Not for the bundle: ${strangers.join(', ')}`);
  return {
    made: Object.keys(outputs).toSorted(byName),
    loadedAtStart: loadedAtStart(outputs).toSorted(byName),
    bundled,
    read: Object.keys(inputs),
    importsOf: (input) => (inputs[input]?.imports ?? []).flatMap(({ external, path: to }) => (external ? [] : [to])),
    bytesOf: (made) => made.reduce((sum, one) => sum + (outputs[one]?.bytes ?? Number.NaN), 0),
  };
}

function loadedAtStart(outputs: Outputs): string[] {
  const loaded = new Set(Object.keys(outputs).filter((made) => outputs[made]?.entryPoint === ENTRY_POINT));
  // A set that grows while it is walked is walked to its end.
  for (const made of loaded) {
    for (const { path, kind } of outputs[made]?.imports ?? []) {
      if (kind === 'import-statement' && path in outputs) loaded.add(path);
    }
  }
  return [...loaded];
}

const byName = (a: string, b: string): number => (a < b ? -1 : 1);

const isProduct = (input: string): boolean =>
  input.includes('node_modules/') || (input.startsWith('src/') && !input.startsWith('src/sandbox/'));
