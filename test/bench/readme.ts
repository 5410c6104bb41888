import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const README = join(import.meta.dirname, 'README.md');
const BEGIN = '<!-- bench -->';
const END = '<!-- /bench -->';

/** Puts the report between the README's markers. */
export async function writeReadme(report: string): Promise<void> {
  await writeFile(README, withReport(await readFile(README, 'utf8'), report));
}

/** @throws Error where the text has not each marker once, in order. */
export function withReport(text: string, report: string): string {
  const [head, ...bodies] = text.split(BEGIN);
  const [, ...tails] = bodies.join(BEGIN).split(END);
  if (head === undefined || bodies.length !== 1 || tails.length !== 1) {
    throw new Error(`README.md needs ${BEGIN} and ${END}, each once and in that order.`);
  }
  return `${head}${BEGIN}\n${report.trim()}\n${END}${tails[0]}`;
}
