import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Linux's `USER_HZ`, which is 100 on every architecture that Node.js runs on. */
const TICKS_PER_SECOND = 100;
const UTIME = 13;

/** The usage of other processes is in `/proc`, which only Linux has. */
export const SEES_PROCESSES = process.platform === 'linux';

/** Processor time that a process has used, user and system, in milliseconds; to the nearest 10. Unknown off Linux. */
export async function cpuMsOf(pid: number): Promise<number | undefined> {
  if (!SEES_PROCESSES) return undefined;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = fields.slice(UTIME - 2, UTIME).map(Number);
  return (((user ?? Number.NaN) + (system ?? Number.NaN)) * 1000) / TICKS_PER_SECOND;
}

/** The resident memory of a process, in bytes. Unknown off Linux. */
export async function residentBytesOf(pid: number): Promise<number | undefined> {
  if (!SEES_PROCESSES) return undefined;
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/**
 * Keeps a process and all its threads to some processors, `0` or `0-3`. Where that cannot be done, it says why.
 * @returns undefined, once it is done.
 */
export async function pinTo(processors: string, pid: number): Promise<string | undefined> {
  try {
    await promisify(execFile)('taskset', ['-a', '-p', '-c', processors, String(pid)]);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is no taskset' : error;
    return `Not pinned to processor ${processors}: ${reason}.`;
  }
}
