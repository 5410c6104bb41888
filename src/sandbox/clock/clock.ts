const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The time of the emulated world: real time plus an offset that only grows. Times: ms since the epoch. */
export interface SandboxClock {
  now(): number;
  /** How far it is ahead of real time, in ms. */
  offset(): number;
  /** Moves ahead at once; resolves when all followers have moved too, and what is due has been called and is done. */
  advance(ms: number): Promise<void>;
  /** Called with every new offset before anything comes due by it, and waited for. Returns how to stop. */
  follow(follower: (offsetMs: number) => Promise<void>): () => void;
  /** Called after every move, for what keeps its own list of moments. Returns how to stop. */
  onMove(listener: () => void): () => void;
  /** Calls once when it is that time, be it reached by waiting or by a move; not at once. Returns how to cancel. */
  at(time: number, run: () => unknown): () => void;
}

interface Alarm {
  readonly time: number;
  readonly run: () => unknown;
  timer: NodeJS.Timeout | undefined;
}

/** @param realNow milliseconds since the epoch. */
export function createClock(realNow: () => number = Date.now): SandboxClock {
  let offset = 0;
  const followers = new Set<(offsetMs: number) => Promise<void>>();
  const listeners = new Set<() => void>();
  const alarms = new Set<Alarm>();
  const now = (): number => realNow() + offset;
  const cancel = (alarm: Alarm): void => {
    clearTimeout(alarm.timer);
    alarms.delete(alarm);
  };
  const ring = (alarm: Alarm): unknown => {
    if (!alarms.has(alarm)) return undefined;
    if (alarm.time > now()) return sleep(alarm);
    cancel(alarm);
    return alarm.run();
  };
  const sleep = (alarm: Alarm): void => {
    clearTimeout(alarm.timer);
    const left = Math.max(0, Math.ceil(alarm.time - now()));
    alarm.timer = setTimeout(ring, Math.min(left, LONGEST_TIMER_MS), alarm).unref();
  };
  const byTime = (): Alarm[] => [...alarms].sort((a, b) => a.time - b.time);
  return {
    now,
    offset: () => offset,
    advance: async (ms) => {
      if (!(ms >= 0)) throw new RangeError('The clock only moves ahead.');
      offset += ms;
      await Promise.all([...followers].map((follower) => follower(offset)));
      await Promise.all(byTime().map(ring));
      for (const listener of listeners) listener();
    },
    follow: (follower) => enlist(followers, follower),
    onMove: (listener) => enlist(listeners, listener),
    at: (time, run) => {
      const alarm: Alarm = { time, run, timer: undefined };
      alarms.add(alarm);
      sleep(alarm);
      return () => cancel(alarm);
    },
  };
}

function enlist<T>(members: Set<T>, member: T): () => void {
  members.add(member);
  return () => members.delete(member);
}
