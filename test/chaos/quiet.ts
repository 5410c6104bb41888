import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatedAzure } from '../../src/sandbox/azure.ts';
import { backlog, readLedger } from './evidence.ts';

const POLL_MS = 500;
/** The reconciler looks every second. */
const OVERDUE_MS = 5_000;
const OPEN: ReadonlySet<string> = new Set(['minting', 'minted', 'compensating']);

/** Waits until nothing is under way any more. @returns what still is when the patience ends. */
export async function untilQuiet(azure: EmulatedAzure, deadline: AbortSignal): Promise<string[]> {
  for (;;) {
    const busy = await underWay(azure);
    if (busy.length === 0 || deadline.aborted) return busy;
    await sleep(POLL_MS);
  }
}

async function underWay(azure: EmulatedAzure): Promise<string[]> {
  const { intents, dueAt } = await readLedger(azure);
  const open = [...intents.values()].filter(
    ({ state }) => OPEN.has(state.kind) || (state.kind === 'failed' && state.sweepAt !== undefined),
  );
  const overdue = dueAt.filter((at) => at < Date.now() - OVERDUE_MS).length;
  const messages = backlog(azure);
  return [
    ...open.map(({ id, state }) => `request ${id} is still ${state.kind}`),
    ...(overdue === 0 ? [] : [`${overdue} due rows were not looked at`]),
    ...(messages === 0 ? [] : [`${messages} messages are still on the request and retry queues`]),
  ];
}
