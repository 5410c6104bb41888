import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withReport } from './readme.ts';

it('replaces what is between the markers and nothing else', () => {
  const before = '# A\n\n<!-- bench -->\nold\n| $& |\n<!-- /bench -->\n\n## B\n';
  const after = withReport(before, 'new: $1 $&\n');
  expect(after).toBe('# A\n\n<!-- bench -->\nnew: $1 $&\n<!-- /bench -->\n\n## B\n');
  expect(withReport(after, 'new: $1 $&')).toBe(after);
});

it.each(['none', '<!-- bench -->', '<!-- /bench --> <!-- bench -->', '<!-- bench --><!-- bench --><!-- /bench -->'])(
  'refuses %j',
  (text) => {
    expect(() => withReport(text, 'new')).toThrow('each once');
  },
);

it('finds its place in the README', () => {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  expect(withReport(readme, 'what was measured')).toContain('\n<!-- bench -->\nwhat was measured\n<!-- /bench -->\n');
});
