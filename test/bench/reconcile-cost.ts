import { listRows } from '../../src/vending/commands/list.ts';
import { vend } from '../../src/vending/commands/vend.ts';
import type { Credential } from '../../src/vending/model/credential.ts';
import { nextReview } from '../../src/vending/model/due.ts';
import { rowOf } from '../../src/vending/model/rows.ts';
import { reconcile } from '../../src/vending/review/reconcile.ts';
import { credentialOf } from '../azure/ledger/emulated-table.ts';
import { CALLER, DAY, HOUR, KEY, OPERATOR, OWN, REQUEST, SETTINGS } from '../vending/world/steps.ts';
import { DEFAULT_TIMINGS } from '../vending/world/timings.ts';
import { openMeteredLedger } from './metered-ledger.ts';
import { type Summary, summarize } from './summary.ts';
import { requestsIn, type TableCost } from './table-meter.ts';

export interface RunCost extends TableCost {
  readonly ms: number;
  /** Failures that wait for the end of their retention. */
  readonly remembered: number;
}

/** The cost of each of several like requests. */
export interface Repetition {
  readonly requests: number;
  readonly entities: number;
  readonly ms: Summary;
}

export interface CostRig {
  /**
   * Adds finished credentials: nine of ten vended, one failed, which waits for the end of its retention. They share one
   * document, so a run that read one would find it unreadable.
   */
  finish(count: number): void;
  /** Lets so many workers die, each in another state, and has the reconciler run once, an hour after its last run. */
  run(open: number): Promise<RunCost>;
  /** Asks so often for the same key, which is vended already. */
  repeat(times: number): Promise<Repetition>;
  /** Asks for so many keys. */
  vend(times: number): Promise<Repetition>;
  /** Reads the first page of a list of everything, or of the caller's own, so often. */
  list(whose: 'all' | 'own', times: number): Promise<Repetition>;
  close(): Promise<void>;
}

/** Rows of a page of a list. */
const PAGE = 20;
const FIRST_PAGE = { filter: {}, managed: false, limit: PAGE };
const BOUNDS = { page: 200, concurrency: 8 };
const PROBLEM = { type: 'out-of-time', detail: 'The worker died.' } as const;
const KEY_ID = 'JDCXTFUVFVQGF56J';

/** The reconciler over the real ledger adapter; vault and Confluent are in memory, and empty. */
export async function startCostRig(): Promise<CostRig> {
  const metered = await openMeteredLedger();
  const { ledger, table, meter, world } = metered;
  let [serial, remembered] = [0, 0];
  const remembersUntil = world.now + 30 * DAY;
  const document = JSON.stringify({ document: JSON.stringify(credentialOf('finished')) });
  const ask = async (key = KEY): Promise<void> => {
    metered.proveVault();
    const { kind } = await vend(metered.context('worker'), SETTINGS, { caller: CALLER, key, request: REQUEST });
    if (kind !== 'vended') throw new Error(`A vend ended as ${kind}.`);
  };
  const costOf = async (times: number, work: () => Promise<void>): Promise<Repetition> => {
    const samples: number[] = [];
    await metered.flush();
    meter.take();
    for (let time = 0; time < times; time++) samples.push(await timeOf(work));
    const cost = meter.take();
    return { requests: requestsIn(cost) / times, entities: cost.read / times, ms: summarize(samples) };
  };
  const askAnew = (): Promise<void> => ask({ kind: 'key', key: `vend-${serial++}` });
  await ask();
  // As many as a page holds, before all that are finished.
  for (let row = 0; row < 4 * PAGE; row++) await askAnew();
  return {
    finish: (count) => {
      const ids = Array.from({ length: count }, () => `finished-${serial++}`);
      const failed = ids.filter((_, place) => place % 10 === 0);
      table.plant(ids.map((id) => [`credential_${id}`, document]));
      table.plant(failed.map((id, place) => [rowOf('prune', { id, at: remembersUntil - place }).key, document]));
      remembered += failed.length;
    },
    run: async (count) => {
      world.pass(HOUR);
      for (let number = 0; number < count; number++) {
        const value = abandoned(`open-${serial++}`, number, world.now);
        const { at } = nextReview(value, { timings: DEFAULT_TIMINGS }) ?? { at: Number.NaN };
        const put = [rowOf('due', { id: value.id, at })];
        const { kind } = await ledger.commit({ credential: { action: 'insert', value }, put });
        if (kind !== 'committed') throw new Error('A credential was not written.');
      }
      // What requests left to be removed is not the run's.
      await metered.flush();
      meter.take();
      const startedAt = performance.now();
      await reconcile(metered.context('reconciler'), SETTINGS, BOUNDS);
      await metered.flush();
      return { ...meter.take(), ms: Math.round(performance.now() - startedAt), remembered };
    },
    repeat: async (times) => {
      const { length } = world.confluent.posts;
      const cost = await costOf(times, ask);
      if (world.confluent.posts.length > length) throw new Error('A repetition minted a key.');
      return cost;
    },
    vend: (times) => costOf(times, askAnew),
    list: (whose, times) =>
      costOf(times, async () => {
        const authority = whose === 'all' ? OPERATOR : OWN;
        const page = await listRows(metered.context('worker'), SETTINGS.policy, { ...FIRST_PAGE, authority });
        if (page?.rows.length !== PAGE) throw new Error(`A page has ${page?.rows.length} rows.`);
      }),
    close: () => metered.close(),
  };
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Everything about it is a day old. */
function abandoned(id: string, number: number, now: number): Credential {
  const since = now - DAY;
  const row = credentialOf(id, { createdAt: since });
  const { work, ...idle } = row;
  if (work === undefined) throw new Error('A claimed credential has an attempt.');
  const claimed = { ...work, claimedAt: since, leaseUntil: since, since };
  const key = { id: KEY_ID, metadata: {}, spec: {} };
  const secret = { id: `${row.vaultUrl}/secrets/${row.secretName}/1`, version: '1' };
  const states: readonly Credential[] = [
    { ...row, work: claimed },
    { ...row, work: { ...claimed, phase: 'minted', keyId: KEY_ID } },
    { ...row, work: { ...claimed, phase: 'compensating', keyId: KEY_ID, problem: PROBLEM } },
    {
      ...idle,
      current: { attempt: 1, nonce: work.nonce, key, secret, vendedAt: since },
      revocation: { since, by: row.caller },
    },
  ];
  return states[number % states.length] ?? row;
}
