import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDER = join(import.meta.dirname, 'typescript');
const GENERATOR = join(FOLDER, 'node_modules/openapi-typescript/bin/cli.js');
const COMPILER = join(FOLDER, '../../../node_modules/typescript/bin/tsc');

/** Generates the types of the sample client from a served document, and compiles the sample. @returns the compiler's complaints */
export async function compileTypeScript(documentUrl: string): Promise<string> {
  await run(process.execPath, [GENERATOR, documentUrl, '-o', join(FOLDER, 'api.d.ts')]);
  try {
    await run(process.execPath, [COMPILER, '--project', FOLDER]);
    return '';
  } catch (error) {
    return String((error as { stdout?: string }).stdout ?? error);
  }
}
