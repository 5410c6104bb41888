import { checkBicep } from './check.ts';
import { startCompiler } from './compile.ts';
import { obtainCompiler } from './compiler.ts';
import { bicepFiles, INFRA } from './syntax.ts';

/*
 * npm run bicep: builds, lints and checks the format of infra/ with the real compiler. Every diagnostic is an error.
 */

async function withCompiler(path: string): Promise<string[]> {
  const compiler = startCompiler(path);
  try {
    console.log(`Bicep ${await compiler.version()} (${path}) builds, lints and checks the format of infra/.`);
    return await compiler.check(INFRA);
  } finally {
    compiler.close();
  }
}

async function withoutCompiler(): Promise<string[]> {
  console.log('No Bicep compiler here: not $BICEP, not on the PATH, not ~/.azure/bin/bicep, and none came from NuGet.');
  console.log(
    'Our own checks still run: syntax, names, types of resources, modules, roles and secrets. No linter runs.',
  );
  return await checkBicep(bicepFiles());
}

const path = obtainCompiler();
const faults = path === undefined ? await withoutCompiler() : await withCompiler(path);
for (const fault of faults) console.log(fault);
console.log(faults.length === 0 ? 'No fault was found.' : `Faults: ${faults.length}`);
process.exitCode = faults.length === 0 ? 0 : 1;
