import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Rig } from '../e2e/harness.ts';

export const page = (path: string): string => readFileSync(`${import.meta.dirname}/../../${path}`, 'utf8');

/** The shell commands of a part of a page. */
export const commandsIn = (part: string): string =>
  [...part.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block).join('\n');

/** Runs commands as somebody who pastes them into a terminal, with the ports of this sandbox. @throws where one fails */
export async function paste(rig: Rig, commands: string): Promise<string> {
  const here = commands
    .replaceAll('localhost:7071', new URL(rig.url).host)
    .replaceAll('localhost:7072', new URL(rig.sandbox.controlUrl).host);
  const { stdout } = await promisify(execFile)('bash', ['-eu', '-c', here], { cwd: `${import.meta.dirname}/../..` });
  return stdout;
}
