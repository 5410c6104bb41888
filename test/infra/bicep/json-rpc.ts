import { spawn } from 'node:child_process';
import * as z from 'zod';

const answer = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});

const END_OF_HEADER = '\r\n\r\n';

export interface JsonRpc {
  call(method: string, params: object): Promise<unknown>;
  close(): void;
}

/** Speaks JSON-RPC with a program over its standard streams: each message follows a header with its length. */
export function startJsonRpc(command: string, args: readonly string[], env: NodeJS.ProcessEnv): JsonRpc {
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let received = Buffer.alloc(0);
  let ended: Error | undefined;

  /** Without it a call to a program that died waits until the test times out. */
  function end(reason: string): void {
    ended ??= new Error(`${command}: ${reason}`);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  }
  child.on('error', ({ message }) => end(message));
  child.on('exit', () => end('it ended'));
  child.stdin.on('error', ({ message }) => end(message));

  child.stdout.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (let message = takeMessage(); message !== undefined; message = takeMessage()) settle(message);
  });

  function takeMessage(): unknown {
    const start = received.indexOf(END_OF_HEADER) + END_OF_HEADER.length;
    const [, length] = /Content-Length: (\d+)/i.exec(received.subarray(0, start).toString()) ?? [];
    const end = start + Number(length);
    if (length === undefined || received.length < end) return undefined;
    const text = received.subarray(start, end).toString();
    received = received.subarray(end);
    return JSON.parse(text);
  }

  function settle(message: unknown): void {
    const { id, result, error } = answer.parse(message);
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error === undefined) resolve?.(result);
    else reject?.(new Error(error.message));
  }

  let calls = 0;
  return {
    call(method, params) {
      const pending = Promise.withResolvers<unknown>();
      if (ended !== undefined) return Promise.reject(ended);
      calls += 1;
      waiting.set(calls, pending);
      const text = JSON.stringify({ jsonrpc: '2.0', id: calls, method, params });
      child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}${END_OF_HEADER}${text}`);
      return pending.promise;
    },
    close: () => void child.kill(),
  };
}
