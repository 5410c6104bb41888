import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rowExamples } from './rows.ts';
import { attemptDiagram, statusDiagram } from './states.ts';

const PAGE = `${import.meta.dirname}/../../src/README.md`;

// UPDATE_README=1 npx vitest run --config test/vitest.config.ts test/documented
it.each([
  ['statuses', statusDiagram],
  ['attempts', attemptDiagram],
  ['rows', rowExamples],
])('the block "%s" of src/README.md is what the code does', (name, generate) => {
  const [start, end] = [`<!-- generated: ${name} -->`, `<!-- /generated: ${name} -->`];
  const page = readFileSync(PAGE, 'utf8');
  const [before = '', rest = ''] = page.split(start);
  const [block = '', after = ''] = rest.split(end);
  const generated = `\n${generate()}\n`;
  if (process.env.UPDATE_README === '1') writeFileSync(PAGE, [before, start, generated, end, after].join(''));
  else expect(block).toBe(generated);
});
