import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDER = join(import.meta.dirname, 'typescript');
const installed = (path: string): string => join(FOLDER, 'node_modules', path);

/** Generates the types of the sample client from a served document, and compiles the sample. @returns the compiler's complaints */
export async function compileTypeScript(documentUrl: string): Promise<string> {
  await run(process.execPath, [
    installed('openapi-typescript/bin/cli.js'),
    documentUrl,
    '-o',
    join(FOLDER, 'api.d.ts'),
  ]);
  try {
    await run(process.execPath, [installed('typescript/bin/tsc'), '--project', FOLDER]);
    return '';
  } catch (error) {
    return String((error as { stdout?: string }).stdout ?? error);
  }
}
