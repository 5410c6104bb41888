import { startAzureProcess } from './azure/process.ts';
import { compileHost } from './compiled-host.ts';
import { type Contender, type ContenderOptions, startContender } from './contender.ts';
import { buildContenders } from './contenders/build.ts';

/** Our function, and the one that somebody writes from the SDKs' readmes. */
export const CONTENDERS = ['straightforward', 'ours'] as const;
export type Contestant = (typeof CONTENDERS)[number];

export interface Rig {
  start(name: Contestant, options?: Pick<ContenderOptions, 'azure' | 'execArgv'>): Promise<Contender>;
  close(): Promise<void>;
}

export async function buildRig(): Promise<Rig> {
  const [compiled, apps] = await Promise.all([compileHost(), buildContenders(CONTENDERS)]);
  return {
    start: (name, options = {}) => startContender({ appDir: apps.folder(name), compiled, ...options }),
    close: async () => {
      await Promise.all([compiled.close(), apps.close()]);
    },
  };
}

/** One of each, for as long as the work takes. @param roundTripMs how far away their Azures are. */
export async function withBoth<T>(
  rig: Rig,
  work: (both: Readonly<Record<Contestant, Contender>>) => Promise<T>,
  roundTripMs = 0,
): Promise<T> {
  // One after the other: this process enters the instance's control group while it starts one.
  const straightforward = await rig.start('straightforward', { azure: await startAzureProcess(roundTripMs) });
  const ours = await rig.start('ours', { azure: await startAzureProcess(roundTripMs) });
  try {
    return await work({ straightforward, ours });
  } finally {
    await Promise.all([straightforward.close(), ours.close()]);
  }
}
