import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import * as z from 'zod';
import { clockMessage, clockMessageSchema } from '../clock/moves.ts';
import type { FunctionSummary } from './host.ts';
import { type InvocationReport, invocationReportSchema, REPORT_VARIABLE } from './invocation-reports.ts';
import { HostStartError } from './settings.ts';

const MAX_STDERR = 64 * 1024;
/** For a process that reads TypeScript. Node.js keeps it here as JavaScript, or each start would cost half a second more. */
export const COMPILE_CACHE = {
  NODE_COMPILE_CACHE: join(import.meta.dirname, '../../../node_modules/.cache/local-host'),
};

const readySchema = z.object({
  event: z.literal('ready'),
  port: z.int(),
  functions: z.array(z.custom<FunctionSummary>((value) => typeof value === 'object' && value !== null)),
  startError: z.string().optional(),
});

export interface LaunchOptions {
  /** Holds host.json, package.json and the built entry point that it names. */
  readonly appDir: string;
  /** 0: any free one. */
  readonly port: number;
  /** The app settings. The host's process inherits nothing of the parent's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Gets every line that the process writes: JSON lines of the host and what the app prints itself. */
  readonly onLog: (line: string) => void;
  /** Gets a report of each invocation, beginning and end. */
  readonly onInvocation?: ((report: InvocationReport) => void) | undefined;
  /** Node.js options of the process, for example `['--import', './preload.ts']`. */
  readonly execArgv?: readonly string[];
  /** The host's entry point; `main.ts` beside this file unless given. */
  readonly main?: string;
}

export interface HostExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface HostProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly functions: readonly FunctionSummary[];
  /** Why there are none: what the worker reported to the host. */
  readonly startError: string | undefined;
  /** Ends it in good order. Gives its exit code, 0 when all went well. */
  stop(): Promise<number | null>;
  /** Ends it at once, as a crash of the machine would. */
  kill(): Promise<void>;
  /** Resolves when the process has the new offset, or is gone. Only for one that runs under the clock's preload. */
  moveClock(offsetMs: number): Promise<void>;
  readonly exited: Promise<HostExit>;
}

type HostChild = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Starts the Functions host as a child process on loopback; it ends with its parent.
 * @throws {HostStartError} with what the process wrote to stderr, when it does not come up.
 */
export async function launchHost(options: LaunchOptions): Promise<HostProcess> {
  const main = options.main ?? join(import.meta.dirname, 'main.ts');
  const args = ['--app', options.appDir, '--port', String(options.port), '--until-stdin-closes'];
  const child = spawn(process.execPath, [...(options.execArgv ?? []), main, ...args], {
    env: environmentOf(options),
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
  }) as HostChild;
  child.on('message', (message) => {
    const report = invocationReportSchema.safeParse(message);
    if (report.success) options.onInvocation?.(report.data);
  });
  // Writing to it is never needed, but its pipe breaks when the child is gone.
  child.stdin.on('error', () => undefined);
  const exited = new Promise<HostExit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const { port, functions, startError } = await untilReady(child, options.onLog, exited);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    functions,
    startError,
    exited,
    stop: async () => {
      child.kill('SIGTERM');
      return (await exited).code;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    moveClock: (offsetMs) => Promise.race([tellOffset(child, offsetMs), exited.then(() => undefined)]),
  };
}

const environmentOf = ({ main, env, onInvocation }: LaunchOptions): Readonly<Record<string, string>> => ({
  ...(main === undefined && COMPILE_CACHE),
  ...env,
  ...(onInvocation !== undefined && { [REPORT_VARIABLE]: 'true' }),
});

function tellOffset(child: HostChild, offsetMs: number): Promise<void> {
  return new Promise((resolve) => {
    const onMessage = (message: unknown): void => {
      const heard = clockMessageSchema.safeParse(message).data;
      if (heard?.sandboxClockOffsetMs !== offsetMs) return;
      child.off('message', onMessage);
      resolve();
    };
    child.on('message', onMessage);
    // A process that is just ending takes no message. Its end says the rest.
    child.send(clockMessage(offsetMs), () => undefined);
  });
}

function untilReady(
  child: HostChild,
  onLog: (line: string) => void,
  exited: Promise<HostExit>,
): Promise<z.infer<typeof readySchema>> {
  let stderr = '';
  createInterface({ input: child.stderr }).on('line', (line) => {
    stderr = `${stderr}${line}\n`.slice(-MAX_STDERR);
    onLog(line);
  });
  return new Promise((resolve, reject) => {
    let ready = false;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const parsed = ready ? undefined : parseReady(line);
      if (parsed === undefined) return onLog(line);
      ready = true;
      resolve(parsed);
    });
    child.on('error', reject);
    exited.then(({ code, signal }) => {
      const reason = stderr.trim() || `The Functions host ended with ${signal ?? `code ${code}`} before it was ready.`;
      reject(new HostStartError(reason));
    });
  });
}

function parseReady(line: string): z.infer<typeof readySchema> | undefined {
  try {
    return readySchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
