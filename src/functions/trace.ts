import type { InvocationContext } from '@azure/functions';
import * as z from 'zod';
import { nearest, parseTraceparent } from '../vending/model/traceparent.ts';
import type { OutgoingMessage } from '../vending/ports/messenger.ts';

/**
 * The parent of an invocation's spans: the host's own span where it belongs to the trace that the caller or sender named,
 * else what they sent.
 *
 * @param sent a `traceparent`, or anything else that came in its place
 */
export const traceparentOf = ({ traceContext }: InvocationContext, sent: unknown): string | undefined =>
  nearest(parseTraceparent(traceContext?.traceParent), parseTraceparent(sent));

/** The library turns the first letter of every name into a small one. .NET's and older clients send `Diagnostic-Id`. */
const propertiesSchema = z.object({ traceparent: z.unknown(), 'diagnostic-Id': z.unknown() }).partial().catch({});

/** From a message's application properties. A forged one leads to another trace and to nothing else. */
export function sentWith(applicationProperties: unknown): string | undefined {
  const properties = propertiesSchema.parse(applicationProperties);
  return parseTraceparent(properties.traceparent) ?? parseTraceparent(properties['diagnostic-Id']);
}

/** Properties of a message whose receiver is to continue the trace. */
export const traceProperties = (traceparent: string | undefined): Pick<OutgoingMessage, 'applicationProperties'> =>
  traceparent === undefined ? {} : { applicationProperties: { traceparent, 'Diagnostic-Id': traceparent } };
