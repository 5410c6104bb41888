import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readMetafile } from './metafile.ts';
import { builtMetafile } from './project.ts';

const folder = mkdtempSync(join(tmpdir(), 'metafile-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(...inputs: readonly string[]): string {
  const path = join(folder, 'meta.json');
  const bundled = Object.fromEntries(inputs.map((input) => [input, {}]));
  writeFileSync(path, JSON.stringify({ inputs: {}, outputs: { 'dist/index.mjs': { inputs: bundled } } }));
  return path;
}

it('finds product and packages in the bundle that was built, and neither sandbox nor tests', () => {
  const { bundled } = builtMetafile();
  expect(bundled).toContain('src/index.ts');
  expect(bundled.filter((input) => !input.includes('node_modules/') && !/^src\/(?!sandbox\/)/.test(input))).toEqual([]);
});

it.each(['src/sandbox/world.ts', 'test/package/archive.ts', 'infra/x.ts', '../elsewhere/x.ts'])(
  'refuses a bundle with %s in it',
  (stranger) => {
    expect(() => readMetafile(written('src/index.ts', stranger))).toThrow(`Not for the bundle: ${stranger}`);
    const { bundled, made } = readMetafile(written('src/index.ts'));
    expect({ bundled, made }).toEqual({ bundled: ['src/index.ts'], made: ['dist/index.mjs'] });
  },
);
