import type { FunctionApp } from './function-app.ts';
import type { HostLog } from './log.ts';
import type { CoreInvocationContext, FunctionMetadata, InvocationRequest, InvocationResponse } from './rpc.ts';

/**
 * Runs one invocation as the Node.js worker does.
 * @throws whatever the function throws, but for null and undefined.
 */
export async function runInvocation(
  app: FunctionApp,
  log: HostLog,
  request: InvocationRequest,
): Promise<InvocationResponse> {
  const registered = app.functions.get(request.functionId);
  if (registered === undefined) throw new Error(`Function code for '${request.functionId}' is not loaded.`);
  const { metadata, callback } = registered;
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

/** The hooks of one invocation share it. */
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
