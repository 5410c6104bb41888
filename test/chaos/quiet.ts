import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatedAzure } from '../../src/sandbox/azure.ts';
import type { Intent } from '../../src/vending/intent.ts';
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

/** Overlaps end, and keys are revoked, at any time: that is under way only where the reconciler should have been through. */
function isOpen({ state, dueAt }: Intent): boolean {
  switch (state.kind) {
    case 'failed':
      return state.sweepAt !== undefined;
    case 'superseded':
    case 'revoking':
      return dueAt < Date.now() - OVERDUE_MS;
    default:
      return OPEN.has(state.kind);
  }
}

async function underWay(azure: EmulatedAzure): Promise<string[]> {
  const { intents, due } = await readLedger(azure);
  const open = [...intents.values()].filter(isOpen);
  const unmarked = [...intents.values()].filter(
    ({ state, supersedes }) =>
      state.kind === 'vended' && intents.get(supersedes?.intentId ?? '')?.state.kind === 'vended',
  );
  // A due row that its intent has left behind is cleared in its time, and holds up nothing.
  const inForce = due.filter(({ requestId, at }) => at === intents.get(requestId)?.dueAt);
  const overdue = inForce.filter(
    ({ requestId, at }) => at < Date.now() - OVERDUE_MS && intents.get(requestId)?.state.kind !== 'vended',
  ).length;
  const messages = backlog(azure);
  return [
    ...unmarked.map(({ supersedes }) => `request ${supersedes?.intentId} was rotated and is still vended`),
    ...open.map(({ id, state }) => `request ${id} is still ${state.kind}`),
    ...(overdue === 0
      ? []
      : [`${overdue} due rows were not looked at, among ${due.filter(({ at }) => at < Date.now()).length}`]),
    ...(messages === 0 ? [] : [`${messages} messages are still on the request and retry queues`]),
  ];
}
