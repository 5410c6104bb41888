import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { infraFile } from './bicep/syntax.ts';

const FOLDER = join(import.meta.dirname, '../../.github/workflows');
const [sample = ''] = [...infraFile('README.md').matchAll(/^```yaml\n(on: .*?)^```/gms)].map(([, yaml]) => yaml);

/** Name and text: the project's own, and the one that infra/README.md shows. */
const workflows: readonly (readonly [string, string])[] = [
  ...readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')] as const),
  ['deploy.yml', sample],
];

it.each(workflows)('%s runs actions of one commit each, and says of which version', (_, text) => {
  const used = [...text.matchAll(/uses: (.*)$/gm)].map(([, action]) => action);
  expect(used.length).toBeGreaterThan(0);
  for (const action of used) expect(action).toMatch(/^[\w-]+(\/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

it.each(workflows)('%s may do no more than read, unless it says so', (_, text) => {
  expect(text).toMatch(/^permissions:\s+(\{ )?contents: read/m);
  expect(text).not.toMatch(/permissions: write-all|contents: write|pull_request_target/);
});

it('runs what every change must pass', () => {
  expect(new Map(workflows).get('ci.yml')).toMatch(/^ {6}- run: \.ci\/run$/m);
});
