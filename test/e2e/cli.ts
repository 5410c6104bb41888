import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { until } from './harness.ts';

export const PROJECT = join(import.meta.dirname, '../..');

/** Of Linux alone. */
export const childrenOf = (pid: number): string => `/proc/${pid}/task/${pid}/children`;

/** `npm start` as a user runs it, in a process group and with a temporary directory of its own. */
export class Cli {
  readonly child: ChildProcess;
  readonly tmp: string;
  stdout = '';
  stderr = '';
  readonly #closed: Promise<unknown[]>;

  private constructor(project: string, tmp: string, args: readonly string[]) {
    this.tmp = tmp;
    this.child = spawn(process.execPath, [join(project, 'src/sandbox/main.ts'), ...args], {
      cwd: tmpdir(),
      env: { ...process.env, TMPDIR: tmp, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#closed = once(this.child, 'close');
    this.child.stdout?.on('data', (chunk) => {
      this.stdout += chunk;
    });
    this.child.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
  }

  static async run(args: readonly string[], project = PROJECT): Promise<Cli> {
    return new Cli(project, await mkdtemp(join(tmpdir(), 'cli-')), args);
  }

  /** As Ctrl-C does it: to every process of the group. */
  interrupt(): void {
    process.kill(-this.pid, 'SIGINT');
  }

  /** As a crash would end it. */
  killFunction(): void {
    process.kill(Number(readFileSync(childrenOf(this.pid), 'utf8')), 'SIGKILL');
  }

  /** Its exit code, once it and all of its children are gone; nothing may be left of it. */
  async ended(): Promise<unknown> {
    const [code] = await this.#closed;
    expect(() => process.kill(-this.pid, 0)).toThrow('ESRCH');
    expect(await readdir(this.tmp)).toEqual([]);
    await rm(this.tmp, { recursive: true });
    return code;
  }

  async ready(): Promise<{ ready: boolean; function: string | null; control: string }> {
    return JSON.parse(await until(() => /^.*\n/.exec(this.stdout)?.[0]));
  }

  private get pid(): number {
    return this.child.pid ?? Number.NaN;
  }
}
