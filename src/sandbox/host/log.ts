import { inspect } from 'node:util';
import type { RpcLogLevel } from './rpc.ts';

const SEVERITY: Readonly<Record<RpcLogLevel, number>> = {
  trace: 0,
  debug: 1,
  information: 2,
  warning: 3,
  error: 4,
  critical: 5,
  none: 6,
};

export interface LogEntry {
  readonly level: RpcLogLevel;
  readonly category: string;
  readonly message: string;
  readonly invocationId?: string;
  readonly functionName?: string;
}

export type HostLog = (entry: LogEntry) => void;

/** Least level by category prefix, as in host.json's `logging.logLevel`; `default` is for the rest. */
export type LogLevels = Readonly<Record<string, RpcLogLevel>>;

/** Writes one JSON line for each entry that the levels let through. */
export function createLog(levels: LogLevels, write: (line: string) => void): HostLog {
  // There are as many categories as functions, and lines without end.
  const thresholds = new Map<string, RpcLogLevel>();
  return (entry) => {
    const least = thresholds.get(entry.category) ?? threshold(levels, entry.category);
    thresholds.set(entry.category, least);
    if (SEVERITY[entry.level] < SEVERITY[least]) return;
    write(JSON.stringify({ time: new Date().toISOString(), ...entry }));
  };
}

function threshold(levels: LogLevels, category: string): RpcLogLevel {
  const prefixes = Object.keys(levels).filter((name) => category === name || category.startsWith(`${name}.`));
  const longest = prefixes.sort((a, b) => b.length - a.length)[0] ?? 'default';
  return levels[longest] ?? 'information';
}

/** All that is known of an error, its causes and their fields too: what a host may log, and an SDK's secrets with it. */
export const describeError = (error: unknown): string =>
  typeof error === 'string' ? error : inspect(error, { depth: 8, breakLength: Number.POSITIVE_INFINITY });
