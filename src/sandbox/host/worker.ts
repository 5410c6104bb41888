/**
 * The Node.js worker, as a thread of the host: it loads the app and runs its functions. It shares nothing with the host but
 * the process, and can end alone.
 */
import '../kit/no-delay.ts';
import { parentPort, workerData } from 'node:worker_threads';
import { FunctionApp } from './function-app.ts';
import { runInvocation } from './invocation.ts';
import { describeError, type HostLog } from './log.ts';
import { named } from './named-requests.ts';
import type { InvocationRequest } from './rpc.ts';
import { HostStartError } from './settings.ts';
import type { HostMessage, InvocationAnswer, WorkerMessage } from './worker-messages.ts';

const send = (message: WorkerMessage): void => parentPort?.postMessage(message);
const log: HostLog = (entry) => send({ kind: 'log', entry });
const app = new FunctionApp(log);

async function answer(message: HostMessage): Promise<void> {
  switch (message.kind) {
    case 'invoke': {
      const { request } = message;
      send({ kind: 'answer', invocationId: request.invocationId, answer: await answerTo(request) });
      return;
    }
    case 'terminate':
      await app.terminate();
      // The output of the hooks travels by a way of its own.
      await new Promise((resolve) => process.stdout.write('', resolve));
      send({ kind: 'terminated' });
  }
}

async function answerTo(request: InvocationRequest): Promise<InvocationAnswer> {
  try {
    return {
      kind: 'succeeded',
      response: await named(request.traceContext.traceParent, () => runInvocation(app, log, request)),
    };
  } catch (error) {
    return { kind: 'failed', error: describeError(error) };
  }
}

try {
  await app.load(String(workerData));
  const functions = [...app.functions.values()].map(({ metadata }) => metadata);
  send({ kind: 'loaded', functions, startError: app.startError });
} catch (error) {
  if (!(error instanceof HostStartError)) throw error;
  send({ kind: 'refused', reason: error.message });
}
parentPort?.on('message', (message: HostMessage) => void answer(message));
