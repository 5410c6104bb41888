import { setTimeout } from 'node:timers/promises';
import type { Controlled } from '../azure/controlled.ts';
import type { Narrator } from './narrator.ts';

/** Where a scenario plays, and who tells of it. */
export interface Stage extends Controlled {
  readonly narrator: Narrator;
}

const DEADLINE_MS = 60_000;

/**
 * What `look` finds, once it finds something. `what` says what was waited for.
 *
 * @throws Error after a minute
 */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await setTimeout(100);
  }
  throw new Error(`Within ${DEADLINE_MS / 1000} s this did not happen: ${what}.`);
}
