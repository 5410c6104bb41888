import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

// The thread never accepts, so the kernel's queue of connections stays full, and a further SYN gets no answer.
const NEVER_ACCEPTS = `
  const { createServer } = require('node:net');
  const { parentPort } = require('node:worker_threads');
  const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

export interface SilentListener {
  readonly port: number;
  /** True while an earlier connection is unanswered. */
  isSilent(): boolean;
  close(): Promise<unknown>;
}

/** A port on loopback that answers no SYN. */
export async function startSilentListener(): Promise<SilentListener> {
  const worker = new Worker(NEVER_ACCEPTS, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const fillers: Socket[] = [];
  // Two or three fill the queue.
  for (let n = 0; n < 5; n++) fillers.push(connect(port, '127.0.0.1').on('error', () => undefined));
  await Promise.race(fillers.map((filler) => once(filler, 'connect')));
  return {
    port,
    isSilent: () => fillers.some(({ connecting }) => connecting),
    close: () => {
      for (const filler of fillers) filler.destroy();
      return worker.terminate();
    },
  };
}
