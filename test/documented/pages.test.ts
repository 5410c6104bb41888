import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { settingsSchema } from '../../src/settings.ts';
import { PROBLEMS } from '../../src/vending/model/problems.ts';

const PROJECT = join(import.meta.dirname, '../..');
const PAGES = ['src', 'infra', 'test']
  .flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true }).map((name) => join(folder, String(name))),
  )
  .concat('README.md')
  .filter((path) => path.endsWith('.md') && !path.includes('node_modules'));

const read = (page: string): string => readFileSync(join(PROJECT, page), 'utf8');
/** What is in code is no link and no heading. */
const prose = (page: string): string => read(page).replaceAll(/^```.*?^```/gms, '');

/** As GitHub makes them of headings. */
const anchorsOf = (page: string): readonly string[] =>
  [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

it.each(PAGES)('the links of %s lead to files and headings that exist', (page) => {
  const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  const dead = links.filter((link) => {
    if (/^https?:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : relative(PROJECT, join(PROJECT, dirname(page), path));
    if (!existsSync(join(PROJECT, target))) return true;
    return anchor !== undefined && !anchorsOf(target).includes(anchor);
  });
  expect(dead).toEqual([]);
});

it.each(PAGES.filter((page) => page.endsWith('README.md')))('%s is short enough to be read', (page) => {
  expect(Buffer.byteLength(read(page))).toBeLessThan((page === 'README.md' ? 10 : 15) * 1024);
});

it('the newest entry of the changes is about the version of package.json', () => {
  const { version } = JSON.parse(read('package.json'));
  expect(/^## (\d\S*)/m.exec(read('infra/CHANGELOG.md'))?.[1]).toBe(version);
});

it('the guide for senders lists every problem with its status', () => {
  const rows = [...read('src/functions/README.md').matchAll(/^\| ([\d, ]+) \| (`[^|]*`) \|/gm)];
  const listed = rows.flatMap(([, statuses = '', types = '']) =>
    types.split(', ').map((type) => [type.replaceAll('`', ''), statuses.split(', ').map(Number)] as const),
  );
  const missing = Object.entries(PROBLEMS).filter(
    ([type, { status }]) => !listed.some(([name, statuses]) => name === type && statuses.includes(status)),
  );
  expect(missing.map(([type]) => type)).toEqual([]);
  expect(listed.map(([type]) => type).filter((type) => !(type in PROBLEMS))).toEqual([]);
});

it('the page of settings lists every setting, and none that the function does not read', () => {
  const tables = [...read('infra/SETTINGS.md').matchAll(/^\| (`[^|]*`) \|/gm)].map(([, names = '']) => names);
  const listed = tables.flatMap((names) => [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name));
  // The host's own setting, one that stands in a sentence, and those that are read before or beside the others.
  const apart = ['AzureFunctionsJobHost__functionTimeout', 'ServiceBusConnection'];
  const beside = ['POLICY', 'POLICY_FILE', 'OTEL_EXPORTER_OTLP_HEADERS'];
  const known = Object.keys(settingsSchema.shape).filter((name) => !apart.includes(name));
  expect(listed.toSorted()).toEqual([...known, ...beside].toSorted());
});
