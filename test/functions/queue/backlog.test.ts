import { expect, it } from 'vitest';
import { createThrottle } from '../../../src/azure/arm/confluent-keys.ts';
import { retryAfterMs } from '../../../src/azure/arm/mint-outcome.ts';
import { jitterOf, throttledDelayOf } from '../../../src/functions/queue/reschedule.ts';
import { ArmError } from '../../../src/sandbox/arm/arm-error.ts';
import { ARM_RATE_LIMITS, Throttle } from '../../../src/sandbox/arm/throttle.ts';

const BACKOFF = { baseMs: 5_000, maxMs: 300_000, maxAttempts: 12 };
/** Milliseconds that a message keeps its slot. */
const TAKES = { served: 400, refused: 150, deferred: 30 };
/** Messages that one instance works on at once: `maxConcurrentCalls` of host.json. */
const SLOTS = 16;
const NAMES = { resourceGroupName: 'g', organizationName: 'o', environmentId: 'e', clusterId: 'c' };
const TARGET = { subscriptionId: 's', ...NAMES };

/** Items by time, the earliest first. */
class Schedule<T> {
  readonly #heap: { readonly at: number; readonly item: T }[] = [];

  add(at: number, item: T): void {
    let place = this.#heap.push({ at, item }) - 1;
    for (let above = (place - 1) >> 1; place > 0 && this.#swapIfLater(above, place); above = (place - 1) >> 1)
      place = above;
  }

  take(): { readonly at: number; readonly item: T } {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) throw new Error('Nothing is left.');
    if (first === last) return first;
    this.#heap[0] = last;
    for (let place = 0; ; ) {
      const left = 2 * place + 1;
      const below = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (!this.#swapIfLater(place, below)) return first;
      place = below;
    }
  }

  #at = (place: number): number => this.#heap[place]?.at ?? Number.POSITIVE_INFINITY;

  #swapIfLater(above: number, below: number): boolean {
    const [a, b] = [this.#heap[above], this.#heap[below]];
    if (a === undefined || b === undefined || a.at <= b.at) return false;
    this.#heap[above] = b;
    this.#heap[below] = a;
    return true;
  }
}

/** All messages come at once. @returns seconds until the last is served, and the POSTs that ARM refused. */
function serve(messages: number, instances: number) {
  let now = 0;
  const arm = new Throttle(ARM_RATE_LIMITS, () => now);
  const queue = new Schedule<number>();
  const slots = new Schedule<ReturnType<typeof createThrottle>>();
  const waits = new Uint16Array(messages);
  for (let message = 0; message < messages; message++) queue.add(0, message);
  for (let instance = 0; instance < instances; instance++) {
    const throttle = createThrottle({ now: () => now });
    for (let slot = 0; slot < SLOTS; slot++) slots.add(0, throttle);
  }
  let [served, refused] = [0, 0];
  while (served < messages) {
    const { at, item: message } = queue.take();
    const { at: free, item: throttle } = slots.take();
    now = Math.max(at, free);
    const isDeferred = throttle.left(TARGET) > 0;
    const asked = isDeferred ? undefined : admit(arm);
    if (!isDeferred && asked === undefined) {
      served++;
      slots.add(now + TAKES.served, throttle);
      continue;
    }
    if (asked !== undefined) {
      refused++;
      throttle.noted(TARGET, { kind: 'throttled', retryAfterMs: asked, upstream: { service: 'arm', status: 429 } });
    }
    const count = waits[message] ?? 0;
    waits[message] = count + 1;
    const wait = throttledDelayOf(BACKOFF, count, jitterOf(String(message), count + 1), throttle.left(TARGET));
    const end = now + (isDeferred ? TAKES.deferred : TAKES.refused);
    slots.add(end, throttle);
    queue.add(end + wait, message);
  }
  return { seconds: (now + TAKES.served) / 1_000, refused };
}

/** @returns milliseconds to wait; undefined where the emulated ARM takes the request */
function admit(arm: Throttle): number | undefined {
  try {
    arm.admit('POST', 's', 'p');
    return undefined;
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    return retryAfterMs(new Headers(error.toResponse().headers), 0);
  }
}

it.each([
  [1_000, 1],
  [1_000, 10],
  [20_000, 10],
])('a backlog of %i messages on %i instances is served within 1.3 times of what ARM takes', (messages, instances) => {
  const { capacity, refillPerSecond } = ARM_RATE_LIMITS.writes;
  const { seconds, refused } = serve(messages, instances);
  expect(seconds).toBeLessThan((1.3 * (messages - capacity)) / refillPerSecond);
  expect(refused).toBeLessThan(messages);
});
