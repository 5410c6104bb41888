import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatedAzure } from '../../src/sandbox/azure/azure.ts';
import type { Credential } from '../../src/vending/model/credential.ts';
import { SKEW_MS } from './clocks.ts';
import { readLedger } from './evidence.ts';
import { TIMINGS } from './timings.ts';

/** Longer than the look takes. Shorter than the deadline of a commit. */
const HELD_MS = 2_500;
/** Commits that were under way before have landed by then. */
const LANDING_MS = 200;

/**
 * Moves the clock of Azure and of every instance. It does not move while an attempt is under way, because the attempt would
 * outlive its lease. Commits are held back meanwhile, so no attempt begins after the look.
 *
 * @returns whether the clock has moved
 */
export async function leap({ faults, clock, tables }: EmulatedAzure, ms: number): Promise<boolean> {
  const start = performance.now();
  faults.add({ service: 'table', operation: 'batch', fault: { delayMs: HELD_MS } });
  await sleep(LANDING_MS);
  const { credentials } = await readLedger({ tables });
  const isUnderWay = [...credentials.values()].some((credential) => mayAct(credential, clock.now()));
  const isSure = !isUnderWay && performance.now() - start < HELD_MS;
  if (isSure) await clock.advance(ms);
  faults.clear();
  return isSure;
}

/** A worker may act on its attempt, or what it sent may land. Later only reviews act, which wait for their dates. */
export const mayAct = ({ work }: Credential, now: number): boolean =>
  (work?.phase === 'minting' || work?.phase === 'minted') && now < work.leaseUntil + TIMINGS.settleMs + SKEW_MS;
