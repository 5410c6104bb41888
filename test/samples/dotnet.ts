import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Outside the tree: tools, generated code and what is built of it. */
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'key-vending-samples');
const SAMPLES = join(import.meta.dirname, 'dotnet');
const KIOTA = { name: 'Microsoft.OpenApi.Kiota', version: '1.38.0', command: 'kiota' };
const NSWAG = { name: 'NSwag.ConsoleCore', version: '14.8.0', command: 'nswag' };

async function run(program: string, args: readonly string[]): Promise<string> {
  const quiet = {
    DOTNET_CLI_TELEMETRY_OPTOUT: '1',
    DOTNET_NOLOGO: '1',
    KIOTA_OFFLINE_ENABLED: 'true',
    KIOTA_TUTORIAL_ENABLED: 'false',
  };
  const { stdout } = await promisify(execFile)(program, args, {
    env: { ...(await rootOf()), ...process.env, ...quiet },
  });
  return stdout;
}

/** Tools look for a runtime here. Where .NET came from a package, they do not find it by themselves. */
async function rootOf(): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)('dotnet', ['--list-runtimes']);
  const [, root] = /\[(.*)[\\/]shared[\\/]/.exec(stdout) ?? [];
  return root === undefined ? {} : { DOTNET_ROOT: root };
}

/** @returns why the clients of .NET cannot be generated on this machine; undefined if they can */
export async function missingForDotnet(): Promise<string | undefined> {
  try {
    await run('dotnet', ['--version']);
  } catch {
    return 'dotnet not found';
  }
  try {
    for (const { name, version } of [KIOTA, NSWAG])
      await run('dotnet', ['tool', 'update', name, '--version', version, '--tool-path', CACHE]);
  } catch {
    return 'NuGet does not answer';
  }
  return undefined;
}

/**
 * Generates the clients from the document, and builds them with the samples.
 *
 * @returns the program
 * @throws Error with what generators and compiler say
 */
export async function buildDotnetSamples(document: string): Promise<string> {
  const [generated, source] = [join(CACHE, 'generated'), join(CACHE, 'source')];
  await rm(generated, { recursive: true, force: true });
  await mkdir(generated, { recursive: true });
  await cp(SAMPLES, source, { recursive: true });
  const input = join(CACHE, 'openapi.json');
  await writeFile(input, document);
  const kiota = ['generate', '--language', 'CSharp', '--openapi', input, '--output', join(generated, 'kiota')];
  await run(join(CACHE, KIOTA.command), [
    ...kiota,
    '--class-name',
    'VendingClient',
    '--namespace-name',
    'Vending.Kiota',
    '--exclude-backward-compatible',
    '--clean-output',
  ]);
  for (const library of ['SystemTextJson', 'NewtonsoftJson']) {
    const options = {
      input,
      output: join(generated, `${library}.cs`),
      namespace: `Vending.${library}`,
      className: 'VendingClient',
      jsonLibrary: library,
      ...NSWAG_OPTIONS,
    };
    await run(join(CACHE, NSWAG.command), [
      'openapi2csclient',
      ...Object.entries(options).map(([name, value]) => `/${name}:${value}`),
    ]);
  }
  // One sample is for both.
  const sample = await readFile(join(SAMPLES, 'SystemTextJson.cs'), 'utf8');
  await writeFile(join(source, 'NewtonsoftJson.cs'), sample.replaceAll('SystemTextJson', 'NewtonsoftJson'));
  await run('dotnet', [
    'build',
    source,
    '--output',
    join(CACHE, 'bin'),
    `-p:Generated=${generated}`,
    '--verbosity',
    'quiet',
  ]);
  return join(CACHE, 'bin', 'Samples');
}

/** As the page of the samples has them. */
const NSWAG_OPTIONS = {
  generateNullableReferenceTypes: 'true',
  generateOptionalPropertiesAsNullable: 'true',
  // Its default leaves the time zone out.
  parameterDateTimeFormat: 'O',
};
