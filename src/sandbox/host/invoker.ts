import { randomUUID } from 'node:crypto';
import type { AppWorker } from './app-worker.ts';
import { answerOf, type InvocationReport, triggerOf } from './invocation-reports.ts';
import type { HostLog } from './log.ts';
import type { InvocationResponse, TraceContext, TypedData } from './rpc.ts';

export interface Invocation {
  readonly functionName: string;
  /** Name of the trigger's binding. */
  readonly binding: string;
  readonly data: TypedData;
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
  readonly trace: TraceContext;
  /** Where a message started it. */
  readonly queue?: string;
  /** As the host words it in its log, for example `This function was programmatically called via the host APIs.` */
  readonly reason: string;
}

export type Outcome =
  | { readonly kind: 'succeeded'; readonly response: InvocationResponse }
  | { readonly kind: 'failed' };

export type Invoke = (invocation: Invocation) => Promise<Outcome>;

export interface InvokerOptions {
  readonly worker: AppWorker;
  readonly log: HostLog;
  /** Milliseconds. */
  readonly timeout: number;
  readonly report?: ((report: InvocationReport) => void) | undefined;
}

/** Has invocations run by the worker, and logs them as the host does. One that outlives the timeout costs the worker its life. */
export function createInvoker(options: InvokerOptions): Invoke {
  return async (invocation) => {
    const { functionName, binding, data, triggerMetadata, trace } = invocation;
    const invocationId = randomUUID();
    const log = (level: 'information' | 'error', message: string): void =>
      options.log({ level, category: `Function.${functionName}`, message, invocationId, functionName });
    log('information', `Executing 'Functions.${functionName}' (Reason='${invocation.reason}', Id=${invocationId})`);
    const stopTimer = startTimer(options, functionName);
    options.report?.({
      ...{ report: 'began', id: invocationId, functionName, at: realNow() },
      ...{ traceparent: trace.traceParent, trigger: triggerOf(invocation) },
    });
    const startedAt = performance.now();
    const msSoFar = (): number => Math.round(performance.now() - startedAt);
    const ended = (how: string): string =>
      `Executed 'Functions.${functionName}' (${how}, Id=${invocationId}, Duration=${msSoFar()}ms)`;
    const inputData = [{ name: binding, data }];
    const answer = await options.worker
      .invoke({ invocationId, functionId: functionName, inputData, triggerMetadata, traceContext: trace })
      .finally(stopTimer);
    const end = { report: 'ended', id: invocationId, ms: msSoFar() } as const;
    if (answer.kind === 'succeeded') options.report?.({ ...end, succeeded: true, ...answerOf(answer.response) });
    else options.report?.({ ...end, succeeded: false });
    if (answer.kind === 'succeeded') log('information', ended('Succeeded'));
    else log('error', `${ended('Failed')}\n${answer.error}`);
    return answer;
  };
}

/** Past the sandbox's clock, which moves `Date`. */
const realNow = (): number => Math.round(performance.timeOrigin + performance.now());

function startTimer({ timeout, worker }: InvokerOptions, functionName: string): () => void {
  // setTimeout fires at once for more than 2^31-1 ms.
  if (timeout > 2 ** 31 - 1) return () => undefined;
  const timer = setTimeout(
    () => worker.restart(`Timeout value was exceeded by function: Functions.${functionName}`),
    timeout,
  );
  return () => clearTimeout(timer);
}
