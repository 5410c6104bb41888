import { dueKey, intentKey } from '../../src/azure/ledger/rows.ts';
import type { Intent } from '../../src/vending/intent.ts';
import type { Ledger } from '../../src/vending/ports/ledger.ts';
import { reconcile } from '../../src/vending/reconcile/reconcile.ts';
import { vend } from '../../src/vending/vend.ts';
import { intentOf, startTableWorld } from '../azure/ledger/emulated-table.ts';
import { COMMAND, SETTINGS } from '../vending/saga/vending.ts';
import { World } from '../vending/saga/world.ts';
import { type Summary, summarize } from './summary.ts';
import { type TableCost, TableMeter } from './table-meter.ts';

export interface RunCost extends TableCost {
  readonly ms: number;
  /** Failures that have a due row, for the end of their retention. */
  readonly remembered: number;
}

/** What asking again for what was vended costs the ledger, each time. */
export interface Repetition {
  readonly requests: number;
  readonly entities: number;
  readonly ms: Summary;
}

export interface CostRig {
  /**
   * Adds finished intents: nine of ten vended, one failed, which waits in a due row for the end of its retention. They
   * are copies of one of either, document and all: a run that read one would find it malformed.
   */
  finish(count: number): void;
  /** Lets so many workers die, each in another state, and has the reconciler run once, an hour after its last run. */
  run(open: number): Promise<RunCost>;
  /** Asks so often for the same key, which is vended already. */
  repeat(times: number): Promise<Repetition>;
  close(): Promise<void>;
}

const BOUNDS = { batch: 200, concurrency: 8 };
const WRITERS = 8;
const VENDED = 'vended';
const FAILED = 'failed';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const KEY = { id: 'JDCXTFUVFVQGF56J', metadata: {}, spec: {} };
const PROBLEM = { type: 'out-of-time', detail: 'The worker died.' } as const;

/** The reconciler over the real ledger on the emulated table; vault and Confluent are in memory, and empty. */
export async function startCostRig(): Promise<CostRig> {
  const meter = new TableMeter();
  const { emulator, open } = await startTableWorld({ engine: 'memory', observe: meter.observe });
  const ledger = open();
  const world = new World();
  let [serial, remembered] = [0, 0];
  const add = async (count: number, make: (number: number) => Intent): Promise<void> => {
    const end = serial + count;
    const lane = async (): Promise<void> => {
      while (serial < end) {
        await insert(ledger, make(serial++));
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, lane));
  };
  const remembersUntil = world.now + 30 * DAY_MS;
  for (const id of [VENDED, FAILED]) await insert(ledger, finished(id, world.now, remembersUntil));
  const ask = async (): Promise<void> => {
    const { kind } = await vend({ ...world.ports('vendor'), ledger }, SETTINGS, COMMAND);
    if (kind !== 'vended') throw new Error(`A vend ended as ${kind}.`);
  };
  await ask();
  return {
    finish: (count) => {
      const ids = Array.from({ length: count }, () => `finished-${serial++}`);
      const failed = ids.filter((_, place) => place % 10 === 0);
      const vended = ids.filter((_, place) => place % 10 !== 0);
      emulator.copyRow('intents', intentKey(VENDED), vended.map(intentKey));
      emulator.copyRow('intents', intentKey(FAILED), failed.map(intentKey));
      const at = (place: number): Date => new Date(remembersUntil - place);
      emulator.copyRow(
        'intents',
        dueKey(FAILED, at(0)),
        failed.map((id, place) => dueKey(id, at(place))),
      );
      remembered += failed.length;
    },
    run: async (count) => {
      world.pass(HOUR_MS);
      await add(count, (number) => abandoned(number, world.now));
      meter.take();
      const startedAt = performance.now();
      await reconcile({ ...world.ports('reconciler'), ledger }, BOUNDS);
      return { ...meter.take(), ms: Math.round(performance.now() - startedAt), remembered };
    },
    repeat: async (times) => {
      const posts = world.posts.length;
      const samples: number[] = [];
      meter.take();
      for (let time = 0; time < times; time++) samples.push(await timeOf(ask));
      if (world.posts.length > posts) throw new Error('A repetition minted a key.');
      const { requests, entities } = meter.take();
      const sum = Object.values(requests).reduce((all, count) => all + count, 0);
      return { requests: sum / times, entities: entities / times, ms: summarize(samples) };
    },
    close: () => emulator.close(),
  };
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** @throws Error where the table does not take it. */
async function insert(ledger: Ledger, intent: Intent): Promise<void> {
  const isDue = intent.state.kind !== 'vended';
  if (isDue && (await ledger.noteDue({ intentId: intent.id, at: new Date(intent.dueAt) })).kind !== 'noted')
    throw new Error('A due row was not written.');
  if ((await ledger.insert(intent)).kind !== 'written') throw new Error('An intent was not written.');
}

function finished(id: string, now: number, dueAt: number): Intent {
  if (id === FAILED) {
    return intentOf(id, { dueAt, state: { kind: 'failed', problem: PROBLEM, retryAt: now, since: now } });
  }
  const secret = { id: `https://teams.vault.azure.net/secrets/${id}/v1`, version: 'v1' };
  return intentOf(id, { dueAt, state: { kind: 'vended', key: KEY, secret } });
}

function abandoned(number: number, now: number): Intent {
  const since = now - DAY_MS;
  const states = [
    { kind: 'minting', leaseUntil: since },
    { kind: 'minted', leaseUntil: since, key: KEY },
    { kind: 'compensating', key: KEY, problem: PROBLEM, since },
    { kind: 'unknown', leaseUntil: since },
  ] as const;
  const state = states[number % states.length] ?? states[0];
  return intentOf(`open-${number}`, { dueAt: since - number, state });
}
