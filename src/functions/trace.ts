import type { InvocationContext } from '@azure/functions';
import * as z from 'zod';
import { nearest, parseTraceparent } from '../vending/model/traceparent.ts';
import type { OutgoingMessage } from '../vending/ports/messenger.ts';

/**
 * What an invocation goes on from: the host's own span where it belongs to the trace that the caller or sender named,
 * else what they sent. @param sent a `traceparent`, or whatever stands where one should.
 */
export const traceparentOf = ({ traceContext }: InvocationContext, sent: unknown): string | undefined =>
  nearest(parseTraceparent(traceContext?.traceParent), parseTraceparent(sent));

/** The library turns the first letter of every name into a small one; .NET's and older clients send `Diagnostic-Id`. */
const propertiesSchema = z.object({ traceparent: z.unknown(), 'diagnostic-Id': z.unknown() }).partial().catch({});

/** Of a message's application properties. A body can forge them, and gets nothing by it but another trace. */
export function sentWith(applicationProperties: unknown): string | undefined {
  const properties = propertiesSchema.parse(applicationProperties);
  return parseTraceparent(properties.traceparent) ?? parseTraceparent(properties['diagnostic-Id']);
}

/** What is added to a message so that whoever takes it goes on with the trace. */
export const carrying = (traceparent: string | undefined): Pick<OutgoingMessage, 'applicationProperties'> =>
  traceparent === undefined ? {} : { applicationProperties: { traceparent, 'Diagnostic-Id': traceparent } };
