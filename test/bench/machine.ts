import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';

/** Where and of what something was measured. */
export interface Machine {
  readonly cpu: string;
  readonly processors: number;
  readonly memoryGb: number;
  readonly os: string;
  readonly node: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly date: string;
  /** With `+` where the files differ from it; `unknown` outside of a checkout. */
  readonly commit: string;
}

const GB = 1_000_000_000;

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    processors: cpus().length,
    memoryGb: Math.round(totalmem() / GB),
    os: `${type()} ${release()}`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    commit: commitOf(),
  };
}

function commitOf(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const isDirty = git('status', '--porcelain', '--untracked-files=no').trim() !== '';
    return `${git('rev-parse', '--short', 'HEAD').trim()}${isDirty ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}
