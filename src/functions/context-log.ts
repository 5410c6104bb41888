import type { InvocationContext } from '@azure/functions';
import type { Log } from '../vending/log.ts';

/** Structured records through the invocation's own logger, so that they carry its id and level. */
export function contextLog(context: InvocationContext): Log {
  return ({ level, ...record }) => context[level](JSON.stringify(record));
}

/** Where a defect was, without its message: a message may quote data. */
export function framesOf(error: unknown): string {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  return frames
    .slice(0, 8)
    .map((line) => line.trim())
    .join(' | ');
}
