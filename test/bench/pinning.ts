import { availableParallelism, cpus } from 'node:os';
import { pinTo } from './process-usage.ts';

/** One processor for the function, another for everything else: emulated Azure and the bench. */
const FUNCTION_PROCESSOR = '0';
const REST_PROCESSOR = '1';

const said = new Set<string>();

async function pin(processors: string, pid: number): Promise<void> {
  const word = await pinTo(processors, pid);
  if (word === undefined || said.has(word)) return;
  said.add(word);
  console.error(word);
}

const isApart = availableParallelism() > 1;

export const pinFunction = async (pid: number): Promise<void> => {
  if (isApart) await pin(FUNCTION_PROCESSOR, pid);
};

export const pinRest = async (pid: number): Promise<void> => {
  if (isApart) await pin(REST_PROCESSOR, pid);
};

/** Keeps this process away from the function while it works; what it starts meanwhile stays there too. */
export async function besideTheFunction<T>(work: () => Promise<T>): Promise<T> {
  await pinRest(process.pid);
  try {
    return await work();
  } finally {
    if (isApart) await pin(`0-${cpus().length - 1}`, process.pid);
  }
}
