import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type VendOrder, type WorkerMessage, workerMessageSchema } from './messages.ts';

export interface Start {
  readonly folder: string;
  readonly worker: string;
  /** Loaded before the worker, a CommonJS file. */
  readonly preload?: string;
  readonly env: Readonly<Record<string, string>>;
  /** A command that runs the rest of its arguments on one core; empty where there is none. */
  readonly pinning: readonly string[];
  /** Absent: nothing is asked for. */
  readonly vend?: VendOrder;
}

export interface Started {
  /** Milliseconds from just before the process was made. */
  readonly registeredMs: number;
  readonly cpuMs: number;
  readonly rssMiB: number;
  /** The answer to the vend; its milliseconds and CPU time count from before the process was made, too. */
  readonly vend: { readonly status: number; readonly answeredMs: number; readonly cpuMs: number } | undefined;
}

/** @throws Error with what the process wrote to stderr, when it ends before it has said what is waited for. */
export async function startOnce({ folder, worker, preload, env, pinning, vend }: Start): Promise<Started> {
  const preloads = preload === undefined ? [] : ['--require', preload];
  const [command = '', ...args] = [...pinning, process.execPath, ...preloads, worker, folder];
  const startedAt = performance.now();
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const exited = once(child, 'exit');
  const words = listenTo(child);
  try {
    const { cpuMs, rssMiB } = await words('registered');
    const registeredMs = performance.now() - startedAt;
    if (vend === undefined) return { registeredMs, cpuMs, rssMiB, vend };
    child.send(vend);
    const answered = await words('answered');
    const answeredMs = performance.now() - startedAt;
    return { registeredMs, cpuMs, rssMiB, vend: { ...answered, answeredMs } };
  } finally {
    if (child.connected) child.disconnect();
    await exited;
  }
}

type Wait = <K extends WorkerMessage['kind']>(kind: K) => Promise<Extract<WorkerMessage, { readonly kind: K }>>;

/** Every word may be waited for once, in the order in which they come. */
function listenTo(child: ChildProcess): Wait {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return <K extends WorkerMessage['kind']>(kind: K) =>
    new Promise<Extract<WorkerMessage, { readonly kind: K }>>((resolve, reject) => {
      child.once('message', (message) => {
        const said = workerMessageSchema.parse(message);
        if (isOf(said, kind)) resolve(said);
        else reject(new Error(`${kind} was expected, ${said.kind} came`));
      });
      child.once('error', reject);
      child.once('close', () => reject(new Error(`The process ended before it was ${kind}: ${stderr.trim()}`)));
    });
}

const isOf = <K extends WorkerMessage['kind']>(
  said: WorkerMessage,
  kind: K,
): said is Extract<WorkerMessage, { readonly kind: K }> => said.kind === kind;
