import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readMetafile } from './metafile.ts';
import { builtMetafile } from './project.ts';

const folder = mkdtempSync(join(tmpdir(), 'metafile-'));
afterAll(() => rmSync(folder, { recursive: true }));

const BUILT = 'dist/index.mjs';

function written(outputs: Readonly<Record<string, object>>): string {
  const path = join(folder, 'meta.json');
  const whole = Object.entries(outputs).map(([made, output]) => [
    made,
    { bytes: 0, imports: [], inputs: {}, ...output },
  ]);
  writeFileSync(path, JSON.stringify({ inputs: {}, outputs: Object.fromEntries(whole) }));
  return path;
}

const bundleOf = (...inputs: readonly string[]): string =>
  written({ [BUILT]: { inputs: Object.fromEntries(inputs.map((input) => [input, {}])) } });

it('finds product and packages in the bundle that was built, and neither sandbox nor tests', () => {
  const { bundled } = builtMetafile();
  expect(bundled).toContain('src/index.ts');
  expect(bundled.filter((input) => !input.includes('node_modules/') && !/^src\/(?!sandbox\/)/.test(input))).toEqual([]);
});

it.each(['src/sandbox/world.ts', 'test/package/archive.ts', 'infra/x.ts', '../elsewhere/x.ts'])(
  'refuses a bundle with %s in it',
  (stranger) => {
    expect(() => readMetafile(bundleOf('src/index.ts', stranger))).toThrow(`Not for the bundle: ${stranger}`);
    const { bundled, made } = readMetafile(bundleOf('src/index.ts'));
    expect({ bundled, made }).toEqual({ bundled: ['src/index.ts'], made: [BUILT] });
  },
);

it('counts what the entry point loads at once, by whatever way, and not what waits', () => {
  const to = (kind: string, ...paths: readonly string[]) => paths.map((path) => ({ path, kind }));
  const path = written({
    [BUILT]: {
      bytes: 1,
      entryPoint: 'src/index.ts',
      imports: [...to('import-statement', 'a', 'node:fs'), ...to('dynamic-import', 'later')],
    },
    a: { bytes: 10, imports: to('import-statement', 'b') },
    b: { bytes: 100, imports: to('import-statement', 'a') },
    later: { bytes: 1_000, entryPoint: 'src/handlers.ts', imports: to('import-statement', 'b', 'c') },
    c: { bytes: 10_000 },
  });
  const { loadedAtStart, made, bytesOf } = readMetafile(path);
  expect(loadedAtStart).toEqual(['a', 'b', BUILT]);
  expect(bytesOf(loadedAtStart)).toBe(111);
  expect(bytesOf(made)).toBe(11_111);
});
