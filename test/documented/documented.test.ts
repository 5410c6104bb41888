import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rowExamples } from './rows.ts';
import { attemptDiagram, statusDiagram } from './states.ts';

const SRC = `${import.meta.dirname}/../../src`;

// UPDATE_README=1 npx vitest run --config test/vitest.config.ts test/documented
it.each([
  ['statuses', 'README.md', statusDiagram],
  ['attempts', 'README.md', attemptDiagram],
  ['rows', 'vending/model/README.md', rowExamples],
])('the block "%s" of src/%s is what the code does', (name, file, generate) => {
  const path = `${SRC}/${file}`;
  const [start, end] = [`<!-- generated: ${name} -->`, `<!-- /generated: ${name} -->`];
  const page = readFileSync(path, 'utf8');
  const [before = '', rest = ''] = page.split(start);
  const [block = '', after = ''] = rest.split(end);
  const generated = `\n${generate()}\n`;
  if (process.env.UPDATE_README === '1') writeFileSync(path, [before, start, generated, end, after].join(''));
  else expect(block).toBe(generated);
});
