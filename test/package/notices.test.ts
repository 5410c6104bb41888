import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type BundledPackage, readBundledPackages } from './bundled-packages.ts';
import { thirdPartyNotices } from './notices.ts';
import { builtMetafile, PROJECT } from './project.ts';

const folder = mkdtempSync(join(tmpdir(), 'notices-'));
afterAll(() => rmSync(folder, { recursive: true }));

function bundled(name: string, licence: string, files: Readonly<Record<string, string>> = {}): BundledPackage {
  mkdirSync(join(folder, name));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text);
  return {
    purl: `pkg:npm/${name}@1.0.0`,
    name,
    version: '1.0.0',
    licence,
    author: 'A. U. Thor',
    integrity: '',
    paths: [name],
  };
}

it('names every package of the bundle', () => {
  const packages = readBundledPackages(PROJECT, builtMetafile());
  const text = thirdPartyNotices(PROJECT, 'product', packages);
  expect(packages.length).toBeGreaterThan(50);
  for (const { name, version } of packages) expect(text).toContain(`\n${name} ${version} (`);
});

it('keeps licence and notice, and shares a text that is the same but for line ends', () => {
  const text = thirdPartyNotices(folder, 'product', [
    bundled('one', 'MIT', { LICENSE: 'terms\nof use\n' }),
    bundled('two', 'MIT', { 'license.md': 'terms\r\nof use' }),
    bundled('three', 'Apache-2.0', { LICENSE: 'apache', NOTICE: 'thanks', 'README.md': 'nothing of it' }),
  ]);
  expect(text).toContain('\none 1.0.0 (MIT)\ntwo 1.0.0 (MIT)\n\nterms\nof use\n');
  expect(text).toContain('\nthree 1.0.0 (Apache-2.0)\n\napache\n\nthanks\n');
  expect(text).not.toContain('nothing of it');
});

it('gives the standard text of MIT where a package forgot it, and refuses to guess another', () => {
  const text = thirdPartyNotices(folder, 'product', [bundled('four', 'MIT')]);
  expect(text).toMatch(/Copyright \(c\) A\. U\. Thor\n\nPermission is hereby granted/);
  expect(() => thirdPartyNotices(folder, 'product', [bundled('five', 'Apache-2.0')])).toThrow('five ships no licence');
});
