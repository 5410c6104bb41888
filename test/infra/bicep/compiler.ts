import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The version that infra/ was last checked with. Another one on the PATH may know other rules. */
const VERSION = '0.49.2';
const SYSTEMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'osx', win32: 'win' };
const PACKAGE = `Azure.Bicep.CommandLine.${SYSTEMS[process.platform] ?? process.platform}-${process.arch}`;
const BINARY = process.platform === 'win32' ? 'bicep.exe' : 'bicep';

/** Outside the tree, so that no checkout carries a compiler and every checkout shares one. */
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'bicep');

/** The path of a Bicep compiler on this machine. `$BICEP` wins, even if nothing is there: a wrong path must not go unseen. */
export function findCompiler(): string | undefined {
  const { BICEP, PATH = '' } = process.env;
  if (BICEP !== undefined && BICEP !== '') return BICEP;
  const places = [
    ...PATH.split(delimiter).filter((folder) => folder !== ''),
    join(homedir(), '.azure', 'bin'),
    join(CACHE, PACKAGE.toLowerCase(), VERSION, 'tools'),
  ];
  return places.map((folder) => join(folder, BINARY)).find((path) => existsSync(path));
}

/** Downloads a compiler from NuGet where none is on this machine and a .NET SDK is. */
export function obtainCompiler(): string | undefined {
  const found = findCompiler();
  if (found !== undefined) return found;
  try {
    const given = ['package', 'download', `${PACKAGE}@${VERSION}`, '--output', CACHE];
    execFileSync('dotnet', given, { stdio: 'ignore', timeout: 120_000 });
  } catch {
    return undefined;
  }
  return findCompiler();
}
