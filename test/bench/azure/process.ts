import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Answer, answerSchema, type Order, type Tally } from './messages.ts';

export interface AzureProcess {
  readonly pid: number;
  /** The function's app settings. */
  readonly settings: Readonly<Record<string, string>>;
  /** Of a caller whom the sample policy lets have keys, for a day. */
  readonly callerToken: string;
  /** How long ARM takes for a key, and the vault for a secret; milliseconds. */
  setLatency(ms: number): Promise<void>;
  /** Counts keys and messages. */
  tally(): Promise<Tally>;
  close(): Promise<void>;
}

/** @param roundTripMs how far away everything is that is reached over TLS: not the bus, nor managed identity. */
export async function startAzureProcess(roundTripMs = 0): Promise<AzureProcess> {
  const main = join(import.meta.dirname, 'main.ts');
  const child = fork(main, [String(roundTripMs)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const heard = async (): Promise<Answer> => answerSchema.parse((await once(child, 'message'))[0]);
  const ask = async (order: Order): Promise<Answer> => {
    const answered = heard();
    child.send(order);
    return answered;
  };
  const ready = await heard();
  if (ready.kind !== 'ready') throw new Error('Azure began with something else than where it is.');
  return {
    pid: child.pid ?? 0,
    settings: ready.settings,
    callerToken: ready.callerToken,
    setLatency: async (ms) => void (await ask({ kind: 'latency', ms })),
    tally: async () => {
      const answer = await ask({ kind: 'tally' });
      if (answer.kind !== 'tally') throw new Error(`Azure was asked for a tally and answered ${answer.kind}.`);
      return answer;
    },
    close: async () => {
      const gone = once(child, 'exit');
      child.send({ kind: 'close' } satisfies Order);
      await gone;
    },
  };
}
