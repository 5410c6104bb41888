import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand, UsageError } from '../../src/sandbox/kit/command.ts';
import { requireFinite } from './finite.ts';
import { thisMachine } from './machine.ts';
import { writeReadme } from './readme.ts';
import { reportOf } from './report/report.ts';
import type { Results, SectionName, Sections } from './results.ts';
import { runBench, SECTION_NAMES } from './run.ts';
import { FULL, SHORT } from './sizes.ts';

const KEPT = join(import.meta.dirname, 'results.json');

const USAGE = `Usage: npm run bench -- [options]
What the function costs, beside what one would write instead. A full run writes the tables of its README.
  --short        few repetitions: shows that it works, and measures little
  --only NAMES   of ${SECTION_NAMES.join(', ')}, with commas between them
  --json FILE    gets the results after each section`;

function sectionsOf(only: string | undefined): readonly SectionName[] {
  if (only === undefined) return SECTION_NAMES;
  return only.split(',').map((asked) => {
    const name = SECTION_NAMES.find((one) => one === asked);
    if (name === undefined) throw new UsageError(`--only takes ${SECTION_NAMES.join(', ')}; not ${asked}.`);
    return name;
  });
}

async function write(file: string | undefined, results: Results): Promise<void> {
  if (file !== undefined) await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
}

await runCommand(USAGE, async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: { short: { type: 'boolean', default: false }, only: { type: 'string' }, json: { type: 'string' } },
  });
  const only = sectionsOf(values.only);
  const machine = thisMachine();
  const resultsOf = (sections: Sections): Results => ({
    ...{ machine, form: values.short ? 'short' : 'full', sections },
    seconds: Math.round(performance.now() / 1000),
  });
  const sections = await runBench({
    ...{ sizes: values.short ? SHORT : FULL, only },
    say: (line) => console.error(line),
    keep: (some) => write(values.json, resultsOf(some)),
  });
  const results = resultsOf(sections);
  const report = reportOf(results);
  console.log(report);
  requireFinite(results);
  if (!values.short && values.only === undefined) {
    await write(KEPT, results);
    await writeReadme(report);
  }
  return (sections.backlog ?? []).some(({ discrepancies }) => discrepancies.length > 0) ? 1 : 0;
});
