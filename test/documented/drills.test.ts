import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Rig } from '../e2e/harness.ts';
import { runQuery } from '../infra/drills/run-query.ts';
import { commandsIn, page, paste } from './pasted.ts';

const sections = page('infra/DRILLS.md')
  .split(/^## /m)
  .map((text) => ({ title: text.slice(0, text.indexOf('\n')), commands: commandsIn(text), text }));
const start = sections.find(({ title }) => title === 'Start')?.commands ?? '';
const drills = sections.filter(({ text }) => text.includes('<!-- drill -->'));
const alerts = [...page('infra/modules/alerts.bicep').matchAll(/^ {4}name: '([a-z-]+)'$/gm)].map(([, name]) => name);

/** The alerts of a drill: what fires in it, and what is over in its end. */
const waitedFor = (commands: string, verb: 'fires' | 'over'): readonly string[] =>
  [...commands.matchAll(new RegExp(`^drill ${verb} (.*)$`, 'gm'))].flatMap(([, names = '']) => names.split(' '));
const sorted = (names: readonly (string | undefined)[]): readonly (string | undefined)[] => names.toSorted();

it('every alert has one drill, in which it fires and is resolved', () => {
  expect(start).not.toBe('');
  expect(sorted(drills.flatMap(({ commands }) => waitedFor(commands, 'fires')))).toEqual(sorted(alerts));
  expect(sorted(drills.flatMap(({ commands }) => waitedFor(commands, 'over')))).toEqual(sorted(alerts));
});

it('the table leads from every alert to its drill', () => {
  const rows = page('infra/DRILLS.md').split('\n');
  for (const { title, commands } of drills) {
    const row = rows.find((line) => line.startsWith('| [') && line.includes(`[${title}](#`)) ?? '';
    for (const name of waitedFor(commands, 'fires')) expect(row).toContain(`[${name}](RUNBOOK.md#${name})`);
  }
});

it('no alert finds anything in an empty log, but for the one that misses runs of the reconciler', () => {
  const tables = new Map(['AppTraces', 'AppRequests'].map((name) => [name, []]));
  const queries = readdirSync(`${import.meta.dirname}/../../infra/alerts`);
  expect(queries.length).toBeGreaterThan(10);
  const finding = queries.filter((name) => runQuery(page(`infra/alerts/${name}`), tables, 0).length > 0);
  expect(finding).toEqual(['reconciler-silent.kql']);
});

/** The message of this one is abandoned after forty seconds. */
const isSlow = ({ commands }: { readonly commands: string }): boolean => commands.includes('"bus"');

describe.concurrent('the commands of the drills, on a sandbox', () => {
  it.each([
    ['of the bus', drills.filter(isSlow)],
    ['of everything else', drills.filter((drill) => !isSlow(drill))],
  ])(
    '%s make the alerts fire, and resolve them',
    async (_, these) => {
      expect(these).not.toEqual([]);
      const rig = await Rig.start();
      try {
        for (const { title, commands } of these) {
          const stdout = await paste(rig, `${start}\n${commands}`);
          for (const name of waitedFor(commands, 'fires')) {
            expect(stdout, title).toContain(`${name}: {`);
            expect(stdout.lastIndexOf(`${name}: over`), title).toBeGreaterThan(stdout.lastIndexOf(`${name}: {`));
          }
          for (const [, status, problem] of commands.matchAll(/# (\d{3}) ([a-z-]+)/g))
            expect(stdout, title).toMatch(new RegExp(`:problem:${problem}"[^{}]*"status": ?${status}`));
        }
      } finally {
        await rig.close();
      }
    },
    240_000,
  );
});
