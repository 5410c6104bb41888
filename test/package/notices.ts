import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundledPackage } from './bundled-packages.ts';

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice|copyrightnotice)(?:\.(?:md|txt))?$/i;
const RULE = '-'.repeat(80);

/**
 * The licences of everything in the bundle: minifying drops them, and they ask to be kept. Packages with the same text
 * share it.
 * @throws Error for a package that ships no licence text and whose licence has no text here.
 */
export function thirdPartyNotices(root: string, product: string, packages: readonly BundledPackage[]): string {
  const holders = new Map<string, string[]>();
  for (const one of packages) {
    const text = licenceText(root, one);
    holders.set(text, [...(holders.get(text) ?? []), `${one.name} ${one.version} (${one.licence})`]);
  }
  const parts = [...holders].map(([text, names]) => `${RULE}\n${names.join('\n')}\n\n${text}\n`);
  return `${product} contains the following software.\n\n${parts.join('\n')}`;
}

function licenceText(root: string, one: BundledPackage): string {
  const directory = join(root, one.paths[0] ?? '');
  const files = readdirSync(directory)
    .filter((file) => LICENCE_FILE.test(file))
    .sort();
  if (files.length === 0) return standardText(one);
  return files.map((file) => textOf(readFileSync(join(directory, file), 'utf8'))).join('\n\n');
}

/** Archives made on Windows bring other line ends, which would keep equal texts apart. */
const textOf = (raw: string): string => raw.replaceAll('\r\n', '\n').trim();

function standardText({ name, licence, author }: BundledPackage): string {
  if (licence !== 'MIT') throw new Error(`${name} ships no licence text, and there is none here for ${licence}.`);
  return `MIT License\n\nCopyright (c) ${author ?? `the authors of ${name}`}\n\n${MIT}`;
}

/** The terms, as https://spdx.org/licenses/MIT.html gives them. */
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
