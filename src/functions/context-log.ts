import type { InvocationContext } from '@azure/functions';
import type { Log } from '../vending/ports/log.ts';
import type { Actor, Context, Effects } from '../vending/saga/context.ts';
import { traceparentOf } from './trace.ts';

/** Structured records through the invocation's own logger, so that they carry its id and level. */
export function contextLog(context: InvocationContext): Log {
  return ({ level, ...record }) => context[level](JSON.stringify(record));
}

/**
 * The effects for one invocation. Audit records are log records with the one field `audit`.
 *
 * @param sent the `traceparent` of the request or message, as it came
 */
export function contextFor(effects: Effects, context: InvocationContext, actor: Actor, sent?: unknown): Context {
  const { telemetry } = effects;
  return {
    ...effects,
    ...(telemetry === undefined ? {} : { telemetry: telemetry.under(traceparentOf(context, sent)) }),
    actor,
    log: contextLog(context),
    audit: (record) => context.info(JSON.stringify({ audit: record })),
  };
}

/** Where a defect was, without its message: a message may quote data. */
export function framesOf(error: unknown): string {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  return frames
    .slice(0, 8)
    .map((line) => line.trim())
    .join(' | ');
}
