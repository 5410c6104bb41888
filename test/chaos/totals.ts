import { datesIn, listed, type Report } from './report.ts';
import { FAULT_NAMES } from './weather.ts';

/** After so many requests each of these has happened at least once, or the run proves nothing of it. */
const SURE: Readonly<Record<string, number>> = {
  'clock jumps': 20,
  kills: 20,
  'reviews by operators': 60,
  'late effects': 80,
  expiries: 80,
  'overlaps over': 80,
  'rotations that nobody asked for': 150,
  'overlaps ended early': 250,
  // Unknown attempts wait for four minutes until an operator may decide about them.
  "operators' words": 600,
  ...Object.fromEntries(FAULT_NAMES.map((name) => [name, 1_000])),
};
const LATE = /late|at any time/;

/** Of a round. */
type Counted = Pick<
  Report,
  'orders' | 'records' | 'faults' | 'kills' | 'jumps' | 'decisions' | 'reviews' | 'discrepancies'
>;

/** Counts the events of all rounds of a run. */
export class Totals {
  readonly #counts = new Map<string, number>();
  #seconds = 0;
  #discrepancies = 0;

  add(report: Counted, seconds: number): void {
    this.#seconds += seconds;
    this.#discrepancies += report.discrepancies.length;
    const late = [...report.faults].filter(([name]) => LATE.test(name));
    this.#count(
      'late effects',
      late.reduce((sum, [, hits]) => sum + hits, 0),
    );
    this.#count('kills', report.kills);
    this.#count('clock jumps', report.jumps);
    this.#count("operators' words", report.decisions);
    this.#count('reviews by operators', report.reviews);
    this.#count('requests', report.orders.length);
    for (const [name, count] of [...datesIn(report), ...report.faults]) this.#count(name, count);
  }

  /** Kinds of event that never happened, although the run was long enough. */
  missing(): readonly string[] {
    return Object.entries(SURE)
      .filter(([name, after]) => this.#countOf('requests') >= after && this.#countOf(name) === 0)
      .map(([name]) => name);
  }

  isRight(): boolean {
    return this.#discrepancies === 0 && this.missing().length === 0;
  }

  text(): string {
    const isFault = ([name]: readonly [string, number]): boolean => FAULT_NAMES.includes(name);
    const all = [...this.#counts];
    const hits = all.filter(isFault).reduce((sum, [, count]) => sum + count, 0);
    return [
      ...this.missing().map((name) => `MISSING       ${name}: it never happened, so the run proves nothing of it`),
      `all faults    ${listed(new Map(all.filter(isFault)))}`,
      `all else      ${listed(new Map(all.filter((each) => !isFault(each))))}`,
      `chaos in all: ${this.#seconds} s, ${this.#countOf('kills')} kills, ${hits} faults, ${this.#discrepancies} discrepancies`,
    ].join('\n');
  }

  #countOf(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  #count(name: string, more: number): void {
    this.#counts.set(name, this.#countOf(name) + more);
  }
}
