import { startAzureProcess } from './azure/process.ts';
import { compileHost } from './compiled-host.ts';
import { type Contender, type ContenderOptions, startContender } from './contender.ts';
import { buildContenders } from './contenders/build.ts';

/** Our function, and the one that somebody writes from the SDKs' readmes. */
export const CONTENDERS = ['straightforward', 'ours'] as const;
export type Contestant = (typeof CONTENDERS)[number];

/** The other one with the transactions of ours, and nothing else of it. */
export const WITH_TRANSACTIONS = 'straightforward-transactions';
/** What can be started. */
export type Startable = Contestant | typeof WITH_TRANSACTIONS;

export interface Rig {
  start(name: Startable, options?: Pick<ContenderOptions, 'azure' | 'execArgv'>): Promise<Contender>;
  close(): Promise<void>;
}

export async function buildRig(): Promise<Rig> {
  const [compiled, apps] = await Promise.all([compileHost(), buildContenders([...CONTENDERS, WITH_TRANSACTIONS])]);
  return {
    start: (name, options = {}) => startContender({ appDir: apps.folder(name), compiled, ...options }),
    close: async () => {
      await Promise.all([compiled.close(), apps.close()]);
    },
  };
}

/** One of each, for as long as the work takes. @param roundTripMs how far away their Azures are. */
export async function withEach<Name extends Startable, T>(
  rig: Rig,
  names: readonly Name[],
  work: (started: Readonly<Record<Name, Contender>>) => Promise<T>,
  roundTripMs = 0,
): Promise<T> {
  const started: [Name, Contender][] = [];
  try {
    // One after the other: this process enters the instance's control group while it starts one.
    for (const name of names)
      started.push([name, await rig.start(name, { azure: await startAzureProcess(roundTripMs) })]);
    return await work(Object.fromEntries(started) as Record<Name, Contender>);
  } finally {
    await Promise.all(started.map(([, contender]) => contender.close()));
  }
}
