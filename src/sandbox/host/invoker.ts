import { randomUUID } from 'node:crypto';
import type { FunctionApp, RegisteredFunction } from './function-app.ts';
import { describeError, type HostLog } from './log.ts';
import type {
  CoreInvocationContext,
  FunctionMetadata,
  InvocationRequest,
  InvocationResponse,
  TraceContext,
  TypedData,
} from './rpc.ts';

export interface Invocation {
  readonly functionName: string;
  /** Name of the trigger's binding. */
  readonly binding: string;
  readonly data: TypedData;
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
  readonly trace: TraceContext;
  /** As the host words it in its log, for example `This function was programmatically called via the host APIs.` */
  readonly reason: string;
}

export type Outcome =
  | { readonly kind: 'succeeded'; readonly response: InvocationResponse }
  | { readonly kind: 'failed' };

export type Invoke = (invocation: Invocation) => Promise<Outcome>;

export interface InvokerOptions {
  readonly app: FunctionApp;
  readonly log: HostLog;
  /** Milliseconds. */
  readonly timeout: number;
  /** Called when an invocation outlives the timeout: the real host then kills the worker. */
  readonly onTimeout: (functionName: string) => void;
}

/** Runs invocations as the Node.js worker does, and logs them as the host does. */
export function createInvoker(options: InvokerOptions): Invoke {
  return async (invocation) => {
    const { functionName } = invocation;
    const registered = options.app.functions.get(functionName);
    if (registered === undefined) throw new Error(`no function named ${functionName}`);
    const invocationId = randomUUID();
    const log = (level: 'information' | 'error', message: string): void =>
      options.log({ level, category: `Function.${functionName}`, message, invocationId, functionName });
    log('information', `Executing 'Functions.${functionName}' (Reason='${invocation.reason}', Id=${invocationId})`);
    const stopTimer = startTimer(options, functionName);
    const startedAt = performance.now();
    const ended = (how: string): string =>
      `Executed 'Functions.${functionName}' (${how}, Id=${invocationId}, Duration=${Math.round(performance.now() - startedAt)}ms)`;
    try {
      const response = await run(options, registered, toRequest(invocation, invocationId));
      log('information', ended('Succeeded'));
      return { kind: 'succeeded', response };
    } catch (error) {
      log('error', `${ended('Failed')}\n${describeError(error)}`);
      return { kind: 'failed' };
    } finally {
      stopTimer();
    }
  };
}

function startTimer({ timeout, onTimeout }: InvokerOptions, functionName: string): () => void {
  // setTimeout fires at once for more than 2^31-1 ms.
  if (timeout > 2 ** 31 - 1) return () => undefined;
  const timer = setTimeout(onTimeout, timeout, functionName);
  return () => clearTimeout(timer);
}

function toRequest(invocation: Invocation, invocationId: string): InvocationRequest {
  return {
    invocationId,
    functionId: invocation.functionName,
    inputData: [{ name: invocation.binding, data: invocation.data }],
    triggerMetadata: invocation.triggerMetadata,
    traceContext: invocation.trace,
  };
}

async function run(
  { app, log }: InvokerOptions,
  { metadata, callback }: RegisteredFunction,
  request: InvocationRequest,
): Promise<InvocationResponse> {
  const scope: HookScope = { hookData: {}, appHookData: app.appHookData, invocationContext: undefined };
  const core = coreContext(app, log, metadata, request, scope);
  const model = app.model.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  scope.invocationContext = context;

  const before = { ...scope, inputs, functionCallback: callback };
  await during(core, 'preInvocationHooks', () => app.runHooks('preInvocation', before));

  const after: { result: unknown; error: unknown } = { result: null, error: null };
  await during(core, 'invocation', async () => {
    try {
      after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      after.error = error;
    }
  });
  Object.assign(after, scope, { inputs: before.inputs });
  await during(core, 'postInvocationHooks', () => app.runHooks('postInvocation', after));

  // Like the real worker: a handler that throws null or undefined has succeeded.
  if (after.error !== null && after.error !== undefined) throw after.error;
  return model.getResponse(context, after.result);
}

/** What the hooks of one invocation share. */
interface HookScope {
  readonly hookData: object;
  readonly appHookData: object;
  invocationContext: unknown;
}

function coreContext(
  app: FunctionApp,
  log: HostLog,
  metadata: FunctionMetadata,
  request: InvocationRequest,
  scope: HookScope,
): CoreInvocationContext {
  const { invocationId } = request;
  return {
    invocationId,
    request,
    metadata,
    state: undefined,
    log: (level, category, message) => {
      const suffix = category === 'user' ? 'User' : 'Worker';
      log({
        ...app.filterLog(level, category, message, scope),
        category: `Function.${metadata.name}.${suffix}`,
        invocationId,
        functionName: metadata.name,
      });
    },
  };
}

async function during(
  core: CoreInvocationContext,
  state: CoreInvocationContext['state'],
  step: () => Promise<void>,
): Promise<void> {
  core.state = state;
  try {
    await step();
  } finally {
    core.state = undefined;
  }
}
