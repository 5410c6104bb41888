import * as z from 'zod';
import type { InvocationResponse, RpcHttp, TypedData } from './rpc.ts';

/** With this in its environment, the host sends its parent a report of each invocation. */
export const REPORT_VARIABLE = 'SANDBOX_REPORT_INVOCATIONS';

const id = z.string();
const triggerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('http'), method: z.string(), path: z.string() }),
  z.object({ kind: z.literal('queue'), queue: z.string(), messageId: z.string().optional() }),
  z.object({ kind: z.literal('timer') }),
]);
export type TriggerReport = z.infer<typeof triggerSchema>;

export const invocationReportSchema = z.discriminatedUnion('report', [
  z.object({
    report: z.literal('began'),
    id,
    functionName: z.string(),
    /** Of the span that the host opened for it. */
    traceparent: z.string(),
    trigger: triggerSchema,
    /** Milliseconds since the epoch, of real time. */
    at: z.number(),
  }),
  z.object({
    report: z.literal('ended'),
    id,
    /** Milliseconds. */
    ms: z.number(),
    succeeded: z.boolean(),
    /** HTTP status of the answer. */
    status: z.int().optional(),
    /** The last part of the problem's type, such as `invalid-request`. */
    problem: z.string().optional(),
  }),
]);
export type InvocationReport = z.infer<typeof invocationReportSchema>;

interface Triggered {
  readonly data: TypedData;
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
  readonly queue?: string;
}

/** A path without its query, the queue, or the timer that started the invocation. */
export function triggerOf({ data, triggerMetadata, queue }: Triggered): TriggerReport {
  if (data.http !== undefined) {
    const { method = '', url = '' } = data.http;
    return { kind: 'http', method, path: URL.parse(url)?.pathname ?? '' };
  }
  if (queue === undefined) return { kind: 'timer' };
  return { kind: 'queue', queue, messageId: textOf(triggerMetadata.MessageId) };
}

/** Status and problem of what the function answered. */
export function answerOf(response: InvocationResponse): { readonly status?: number; readonly problem?: string } {
  const http = response.returnValue?.http;
  if (http === undefined) return {};
  const problem = problemOf(http);
  return { status: Number(http.statusCode ?? 200), ...(problem !== undefined && { problem }) };
}

const problemSchema = z.object({ type: z.string() });

function problemOf({ statusCode, body }: RpcHttp): string | undefined {
  if (Number(statusCode) < 400 || body?.bytes === undefined) return undefined;
  try {
    const { type } = problemSchema.parse(JSON.parse(Buffer.from(body.bytes).toString()));
    return type.split(/[:/]/).at(-1);
  } catch {
    return undefined;
  }
}

function textOf(data: TypedData | undefined): string | undefined {
  if (data?.string !== undefined) return data.string;
  try {
    const parsed: unknown = JSON.parse(data?.json ?? '');
    return typeof parsed === 'string' ? parsed : undefined;
  } catch {
    return undefined;
  }
}
