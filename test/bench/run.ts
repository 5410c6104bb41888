import { measureAzureCli } from './azure-cli.ts';
import { measureBacklog } from './backlog.ts';
import { measureCalls } from './calls.ts';
import { measureColdStart } from './cold-start.ts';
import { measureLedgerCalls } from './ledger-calls.ts';
import { measureMemory } from './memory.ts';
import { measureOverhead } from './overhead.ts';
import { besideTheFunction } from './pinning.ts';
import type { SectionName, Sections } from './results.ts';
import { buildRig, type Rig } from './rig.ts';
import { measureScale } from './scale.ts';
import type { Sizes } from './sizes.ts';
import { measureThroughput } from './throughput.ts';

/** In the order in which they run. */
export const SECTION_NAMES = [
  ...['overhead', 'cold-start', 'throughput', 'backlog', 'memory', 'ledger', 'scale', 'calls', 'az'],
] as readonly SectionName[];

export interface Order {
  readonly sizes: Sizes;
  readonly only: readonly SectionName[];
  /** Gets a line before each section, and one after. */
  readonly say: (line: string) => void;
  /** Gets what there is after each section: the next one may fail. */
  readonly keep: (sections: Sections) => Promise<void>;
}

/** One section after the other: they are not to fight for the processors. */
export async function runBench({ sizes, only, say, keep }: Order): Promise<Sections> {
  const lazy = lazyRig();
  let sections: Sections = {};
  try {
    for (const name of SECTION_NAMES.filter((one) => only.includes(one))) {
      say(`${name} …`);
      const startedAt = performance.now();
      sections = { ...sections, ...(await measure(name, sizes, lazy.rig)) };
      say(`${name}: ${Math.round((performance.now() - startedAt) / 1000)} s`);
      await keep(sections);
    }
  } finally {
    await lazy.close();
  }
  return sections;
}

async function measure(name: SectionName, sizes: Sizes, rig: () => Promise<Rig>): Promise<Sections> {
  const apart = async <T>(work: (built: Rig) => Promise<T>): Promise<T> => {
    const built = await rig();
    return besideTheFunction(() => work(built));
  };
  switch (name) {
    case 'overhead':
      return { overhead: await apart((built) => measureOverhead(built, sizes.overhead)) };
    case 'cold-start':
      return { 'cold-start': await measureColdStart(sizes.coldStart) };
    case 'throughput':
      return { throughput: await apart((built) => measureThroughput(built, sizes.throughput)) };
    case 'backlog':
      return { backlog: await apart((built) => measureBacklog(built, sizes.backlogMessages)) };
    case 'memory': {
      const memory = await apart((built) => measureMemory(built, sizes.memory));
      return memory === undefined ? {} : { memory };
    }
    case 'ledger':
      return { ledger: await measureLedgerCalls() };
    case 'scale':
      return { scale: await measureScale(sizes.scale) };
    case 'calls':
      return { calls: await measureCalls() };
    case 'az':
      return { az: await measureAzureCli(sizes.azRounds) };
  }
}

/** Built once, if anybody needs it. */
function lazyRig(): { readonly rig: () => Promise<Rig>; close(): Promise<void> } {
  let built: Promise<Rig> | undefined;
  return {
    rig: () => {
      built ??= buildRig();
      return built;
    },
    close: async () => (await built)?.close(),
  };
}
