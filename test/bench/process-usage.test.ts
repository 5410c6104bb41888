import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { cpuMsOf, pinTo, residentBytesOf, SEES_PROCESSES } from './process-usage.ts';

it.runIf(SEES_PROCESSES)('sees what a process uses, as the process itself does', async () => {
  const { user, system } = process.cpuUsage();
  const seen = (await cpuMsOf(process.pid)) ?? Number.NaN;
  expect(seen).toBeGreaterThan(0);
  expect(Math.abs(seen - (user + system) / 1000)).toBeLessThan(1_000);
  const resident = (await residentBytesOf(process.pid)) ?? Number.NaN;
  expect(resident / process.memoryUsage.rss()).toBeCloseTo(1, 0);
});

it.skipIf(SEES_PROCESSES)('knows nothing of processes elsewhere', async () => {
  expect([await cpuMsOf(process.pid), await residentBytesOf(process.pid)]).toEqual([undefined, undefined]);
});

it('says where a process cannot be pinned', async () => {
  const beyond = String(availableParallelism() + 1_000);
  expect(await pinTo(beyond, process.pid)).toMatch(new RegExp(`^Not pinned to processor ${beyond}: `));
});
