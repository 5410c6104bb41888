import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultEffect, FaultPlan, FaultService } from '../../src/sandbox/kit/faults.ts';
import type { Random } from './random.ts';
import { TIMINGS } from './timings.ts';

type MakeEffect = (random: Random) => FaultEffect;

/** It may be sent when only its deadline and a margin are left of the lease, and lands before lease and settling are over. */
const SETTLED_MS = TIMINGS.settleMs + TIMINGS.mintDeadlineMs;
const SOON_MS = 10_000;
export const LONGEST_HOLD_MS = 10 * 60_000;

/**
 * No POST or PUT lands later than the settling time allows: all decisions rest on that. A DELETE or a PATCH that disables may
 * land at any time, for nobody takes such a decision back. So may a transaction: it fails where somebody wrote meanwhile.
 */
const EFFECTS = {
  late: (random) => ({ holdMs: random.int(1_000, SETTLED_MS) }),
  'at any time': (random) => ({ holdMs: random.int(1_000, random.chance(0.5) ? SOON_MS : LONGEST_HOLD_MS) }),
  error: (random) => ({ status: random.pick([500, 502, 503, 408]) }),
  throttled: () => ({ status: 429, headers: { 'retry-after': '1' } }),
  refused: () => ({ status: 403 }),
  slow: (random) => ({ delayMs: random.int(100, 2_500) }),
  'dropped before': () => ({ drop: 'before' }),
  'dropped after': () => ({ drop: 'after' }),
  truncated: () => ({ truncate: true }),
  'empty secret': () => ({ secret: '' }),
  busy: () => ({ condition: 'com.microsoft:server-busy' }),
} as const satisfies Record<string, MakeEffect>;
type EffectName = keyof typeof EFFECTS;

type Names = readonly [EffectName, ...EffectName[]];
const ANY: Names = ['error', 'throttled', 'refused', 'slow', 'dropped before', 'dropped after', 'truncated'];
const READ: Names = ['error', 'throttled', 'slow', 'dropped before', 'truncated'];
const BUS: Names = ['busy', 'slow', 'dropped before', 'dropped after'];

type Target = readonly [service: FaultService, operation: string, effects: Names];
type Targets = readonly [Target, ...Target[]];

/** They misbehave one after the other. */
const CULPRITS: readonly Targets[] = [
  [
    ['arm', 'createApiKey', [...ANY, 'empty secret', 'slow', 'late', 'late']],
    ['arm', 'deleteApiKey', [...ANY, 'at any time']],
    ['arm', 'getApiKey', READ],
  ],
  [
    ['vault', 'setSecret', [...ANY, 'late']],
    ['vault', 'setSecret', [...ANY, 'late']],
    ['vault', 'setSecret', [...ANY, 'late']],
    ['vault', 'listVersions', READ],
    ['vault', 'updateSecret', [...ANY, 'at any time']],
    ['vault', 'challenge', READ],
  ],
  [
    ['table', 'batch', [...ANY, 'at any time']],
    ['table', 'batch', [...ANY, 'at any time']],
    ['table', 'batch', [...ANY, 'at any time']],
    ['table', 'get', READ],
    ['table', 'query', READ],
  ],
  [
    ['identity', 'token', READ],
    ['entra', 'getKeys', READ],
  ],
  [
    ['bus', 'send', BUS],
    ['bus', 'receive', BUS],
    ['bus', 'settle', BUS],
    ['bus', 'renew-lock', BUS],
  ],
];

/** Every fault that there is, as a run counts them. */
export const FAULT_NAMES: readonly string[] = [
  ...new Set(CULPRITS.flat().flatMap(([service, , effects]) => effects.map((effect) => `${service} ${effect}`))),
];

const HITS_IN_A_TURN = 8;
const LONGEST_TURN_MS = 5_000;
/** An instance that was killed needs some seconds to ask for its tokens. */
const LONGEST_VAIN_TURN_MS = 10_000;

/** Lets each part of the emulated Azure misbehave in turn, and counts what really hit. */
export class Weather {
  readonly hits = new Map<string, number>();
  readonly #names = new WeakMap<FaultEffect, string>();
  readonly #faults: FaultPlan;
  readonly #random: Random;

  constructor(faults: FaultPlan, random: Random) {
    this.#faults = faults;
    this.#random = random;
    const take = faults.take.bind(faults);
    faults.take = (service, operation) => {
      const effect = take(service, operation);
      if (effect !== undefined) this.#count(effect);
      return effect;
    };
  }

  /** @param onTurn called with each service whose turn begins: some faults only hurt together with another event */
  async rage(signal: AbortSignal, onTurn: (service: FaultService) => void): Promise<void> {
    for (;;) {
      for (const targets of this.#random.shuffle(CULPRITS)) {
        if (signal.aborted) return;
        this.#arm(targets);
        onTurn(targets[0][0]);
        await this.#turn(targets, signal);
        this.#faults.clear();
        await sleep(this.#random.int(0, 300), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** A slow machine may not reach what is out of order, so the turn then lasts longer. */
  async #turn(targets: Targets, signal: AbortSignal): Promise<void> {
    const before = this.#hitsOf(targets);
    const start = performance.now();
    const isOver = (): boolean => {
      const hits = this.#hitsOf(targets) - before;
      const longest = hits === 0 ? LONGEST_VAIN_TURN_MS : LONGEST_TURN_MS;
      return signal.aborted || hits >= HITS_IN_A_TURN || performance.now() - start >= longest;
    };
    await sleep(this.#random.int(1_200, 2_800), undefined, { signal }).catch(() => undefined);
    while (!isOver()) await sleep(100, undefined, { signal }).catch(() => undefined);
  }

  #hitsOf(targets: Targets): number {
    const services = new Set(targets.map(([service]) => service));
    const hits = [...this.hits].filter(([name]) => [...services].some((service) => name.startsWith(`${service} `)));
    return hits.reduce((sum, [, count]) => sum + count, 0);
  }

  /** Services that no fault hit. */
  spared(): string[] {
    return CULPRITS.filter((targets) => this.#hitsOf(targets) === 0).map(([[service]]) => service);
  }

  #arm(targets: Targets): void {
    const random = this.#random;
    const outage = random.chance(0.25);
    for (let rules = outage ? 1 : random.int(12, 24); rules > 0; rules--) {
      const [service, operation, effects] = random.pick(targets);
      const name = random.pick(effects);
      const fault: FaultEffect = EFFECTS[name](random);
      this.#names.set(fault, `${service} ${name}`);
      const sporadic = { times: random.int(1, 4), after: random.int(0, 4) };
      this.#faults.add({ service, operation, fault, ...(outage ? {} : sporadic) });
    }
  }

  #count(effect: FaultEffect): void {
    const name = this.#names.get(effect);
    if (name === undefined) return;
    this.hits.set(name, (this.hits.get(name) ?? 0) + 1);
  }
}
