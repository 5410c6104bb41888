import type { InvocationContext } from '@azure/functions';
import * as z from 'zod';
import { closestParent, parseTraceparent } from '../vending/model/tracing.ts';
import type { OutgoingMessage } from '../vending/ports/messaging.ts';
import type { Log } from '../vending/ports/telemetry.ts';
import type { Actor, Context, Effects } from '../vending/saga/context.ts';

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

/**
 * The parent of an invocation's spans: the host's own span where it belongs to the trace that the caller or sender named,
 * else what they sent.
 *
 * @param sent a `traceparent`, or anything else that came in its place
 */
export const traceparentOf = ({ traceContext }: InvocationContext, sent: unknown): string | undefined =>
  closestParent(parseTraceparent(traceContext?.traceParent), parseTraceparent(sent));

/** The library turns the first letter of every name into a small one. .NET's and older clients send `Diagnostic-Id`. */
const propertiesSchema = z.object({ traceparent: z.unknown(), 'diagnostic-Id': z.unknown() }).partial().catch({});

/** From a message's application properties. A forged one leads to another trace and to nothing else. */
export function traceparentIn(applicationProperties: unknown): string | undefined {
  const properties = propertiesSchema.parse(applicationProperties);
  return parseTraceparent(properties.traceparent) ?? parseTraceparent(properties['diagnostic-Id']);
}

/** Properties of a message whose receiver is to continue the trace. */
export const traceProperties = (traceparent: string | undefined): Pick<OutgoingMessage, 'applicationProperties'> =>
  traceparent === undefined ? {} : { applicationProperties: { traceparent, 'Diagnostic-Id': traceparent } };
