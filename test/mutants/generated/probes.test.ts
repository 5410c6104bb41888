import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { withProbes } from './probes.ts';
import { REACHED } from './protocol.ts';

function reachedBy(text: string): readonly string[] {
  const reached: unknown = runInNewContext(`${withProbes('src/x.ts', text)}; [...${REACHED}].join(' ')`);
  return String(reached).split(' ').sort();
}

it('notes the functions that run, by where they begin, and the file itself', () => {
  const text = 'const a = (b) => (c) => ({ b, c }); function d() { return 1; } function e() {} a(1)(2); d();';
  const begin = (part: string): string => `src/x.ts:${text.indexOf(part)}`;
  expect(reachedBy(text)).toEqual(['src/x.ts:0', begin('(b)'), begin('(c)'), begin('function d')].sort());
});
