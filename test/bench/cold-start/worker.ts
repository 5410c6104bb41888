/**
 * `node worker.cjs <app folder>`: loads the app as the Node.js worker of Azure Functions does, says so, and answers one
 * HTTP request to its function `vendKey` through the programming model. Of packages it holds none.
 */
import { randomUUID } from 'node:crypto';
import { FunctionApp } from '../../../src/sandbox/host/function-app.ts';
import { runInvocation } from '../../../src/sandbox/host/invocation.ts';
import type { HostLog } from '../../../src/sandbox/host/log.ts';
import type { NullableMap } from '../../../src/sandbox/host/rpc.ts';
import { startSpan } from '../../../src/sandbox/host/trace.ts';
import type { VendOrder, WorkerMessage } from './messages.ts';

const FUNCTION = 'vendKey';

const tell = (message: WorkerMessage): void => {
  process.send?.(message);
};

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const log: HostLog = ({ level, message }) => {
  if (level === 'error' || level === 'critical') process.stderr.write(`${message}\n`);
};

const nullable = (entries: Readonly<Record<string, string>>): NullableMap =>
  Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, { value }]));

/** Name of the binding that is the function's HTTP trigger. */
function triggerOf(app: FunctionApp): string {
  const bindings = Object.entries(app.functions.get(FUNCTION)?.metadata.bindings ?? {});
  const trigger = bindings.find(([, binding]) => JSON.stringify(binding).includes('"httpTrigger"'));
  if (trigger === undefined) throw new Error(`${FUNCTION} has no HTTP trigger`);
  return trigger[0];
}

async function answer(app: FunctionApp, { headers, body }: VendOrder): Promise<number> {
  const url = 'http://127.0.0.1/api/v1/credentials';
  const request = { method: 'POST', url, nullableHeaders: nullable(headers), nullableQuery: {}, nullableParams: {} };
  const { returnValue } = await runInvocation(app, log, {
    invocationId: randomUUID(),
    functionId: FUNCTION,
    inputData: [{ name: triggerOf(app), data: { http: { ...request, body: { bytes: Buffer.from(body) } } } }],
    triggerMetadata: {},
    traceContext: startSpan(undefined, undefined),
  });
  return Number(returnValue?.http?.statusCode ?? 200);
}

async function main(folder: string): Promise<void> {
  const app = new FunctionApp(log);
  await app.load(folder);
  if (app.functions.size === 0) throw new Error('The app registered no functions.');
  tell({ kind: 'registered', cpuMs: cpuMs(), rssMiB: process.memoryUsage.rss() / 2 ** 20 });
  process.once('message', async (order: VendOrder) => {
    const status = await answer(app, order);
    tell({ kind: 'answered', status, cpuMs: cpuMs() });
  });
  // In good order: what Node.js compiled is written to its cache then.
  process.once('disconnect', () => process.exit(0));
}

main(process.argv[2] ?? '.').catch((error: unknown) => {
  process.stderr.write(`${error}\n`);
  process.exit(1);
});
