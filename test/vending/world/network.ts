import { DEFAULT_TIMINGS } from './timings.ts';

/** Every effect of the domain by name: what a fault can be put on. `cleanUp`: a commit that writes no credential. */
export type Call =
  | 'mint'
  | 'deleteKey'
  | 'getKey'
  | 'proveWritable'
  | 'lookUpName'
  | 'store'
  | 'listVersions'
  | 'listNames'
  | 'disableVersion'
  | 'read'
  | 'commit'
  | 'cleanUp'
  | 'list'
  | 'listDue'
  | 'requestRotation'
  | 'publish';

/**
 * - `lost`: no answer, no effect.
 * - `unanswered`: it took effect, and the answer was lost.
 * - `late`: no answer, and it takes effect within the settling time.
 * - `refused`: proven to have had no effect.
 * - `retried`: the client repeated it after a lost answer. A POST and a PUT are never repeated, so there it is `unanswered`.
 * - `young`: Confluent does not know the key yet. It is no fault once the key is old.
 * - `crash-before`, `crash-after`: the process dies there.
 */
export const FAULTS = [
  'lost',
  'unanswered',
  'late',
  'refused',
  'retried',
  'young',
  'crash-before',
  'crash-after',
] as const;
export type Fault = (typeof FAULTS)[number];

/** The process died. */
export class Crash extends Error {}

export interface Outcomes<T> {
  readonly effect: () => T;
  readonly refused: T;
  readonly silent: T;
  /** The answer about a key that Confluent does not know yet; undefined where it does. */
  readonly young?: () => T | undefined;
}

/** One process: after a crash it has no effect any more. */
export interface Process {
  isDead: boolean;
}

/** Performs effects under faults, lets time pass, and remembers what was called. */
export class Network {
  now = Date.parse('2026-01-01T00:00:00Z');
  calls: Call[] = [];
  /** The calls as text. */
  trace: string[] = [];
  /** Effects that were sent and have not landed. */
  late: { readonly landsBy: number; readonly effect: () => void }[] = [];
  /** Decides the fate of each call, in order. */
  fault: (call: Call) => Fault | undefined = () => undefined;
  /** Holds a worker at a call, or lets a scheduler interleave workers. */
  turn: (call: Call) => Promise<void> = async () => undefined;
  #serial = 0;

  id(prefix: string): string {
    this.#serial++;
    return `${prefix}${this.#serial}`;
  }

  /** Lets time go by. Late effects land within the settling time, as the saga assumes. */
  pass(ms: number): void {
    this.now += ms;
    const landed = this.late.filter(({ landsBy }) => landsBy <= this.now);
    this.late = this.late.filter(({ landsBy }) => landsBy > this.now);
    for (const { effect } of landed) effect();
  }

  /**
   * Runs one effect under its fault. A mint and a store have deadlines and act when they are sent, so only their answers
   * wait for their turn. Everything else may be overtaken by what happens meanwhile.
   */
  async act<T>(process: Process, call: Call, text: string, outcomes: Outcomes<T>): Promise<T> {
    this.#expectAlive(process);
    const isSentAtOnce = call === 'mint' || call === 'store';
    if (!isSentAtOnce) await this.turn(call);
    this.#expectAlive(process);
    this.calls.push(call);
    this.trace.push(text);
    const answer = this.#perform(process, outcomes, this.#fateOf(call));
    if (isSentAtOnce) await this.turn(call);
    this.#expectAlive(process);
    return answer();
  }

  #fateOf(call: Call): Fault | undefined {
    const fault = this.fault(call);
    return (call === 'mint' || call === 'store') && fault === 'retried' ? 'unanswered' : fault;
  }

  #expectAlive(process: Process): void {
    if (process.isDead) throw new Crash();
  }

  /** Acts at once, and returns a function that gives the answer later. */
  #perform<T>(process: Process, outcomes: Outcomes<T>, fault: Fault | undefined): () => T {
    const { effect, refused, silent, young } = outcomes;
    const crash = (): never => {
      process.isDead = true;
      throw new Crash();
    };
    switch (fault) {
      case 'lost':
        return () => silent;
      case 'refused':
        return () => refused;
      case 'unanswered':
        effect();
        return () => silent;
      case 'late':
        this.late.push({ landsBy: this.now + DEFAULT_TIMINGS.settleMs, effect });
        return () => silent;
      case 'retried': {
        effect();
        const answer = effect();
        return () => answer;
      }
      case 'crash-before':
        return crash;
      case 'crash-after':
        effect();
        return crash;
      case 'young':
      case undefined: {
        const answer = (fault === 'young' ? young?.() : undefined) ?? effect();
        return () => answer;
      }
    }
  }
}
