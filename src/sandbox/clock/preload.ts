/**
 * Preload (`node --import …/preload.ts app`): what the process reads as the present is the sandbox's clock, moved by
 * messages of the parent. Timers stay on real time, and so do Node.js's own parts, such as TLS.
 */
import process from 'node:process';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

const RealDate = globalThis.Date;
const realNow = RealDate.now;

/** All threads of the process read the offset from the same memory, so that they move at once. */
const SHARED_OFFSET = 'sandbox:clock-offset';
const inherited = getEnvironmentData(SHARED_OFFSET);
const shared = new Float64Array(inherited instanceof SharedArrayBuffer ? inherited : new SharedArrayBuffer(8));
const offset = (): number => shared[0] ?? 0;

RealDate.now = () => realNow() + offset();

// A proxy and no subclass: dates that Node.js itself makes must still be instances of it.
const ShiftedDate = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [target.now()] : args, newTarget),
  apply: (target) => new target(target.now()).toString(),
});
Object.defineProperty(RealDate.prototype, 'constructor', { value: ShiftedDate, configurable: true, writable: true });
globalThis.Date = ShiftedDate;

// Messages come to the main thread alone. Other threads would load their schema for nothing, in a fifth of a second.
if (isMainThread) {
  const { announceMove, CLOCK_OFFSET_VARIABLE, clockMessage, clockMessageSchema } = await import('./moves.ts');
  shared[0] = Number(process.env[CLOCK_OFFSET_VARIABLE] ?? 0);
  setEnvironmentData(SHARED_OFFSET, shared.buffer);
  process.on('message', (message) => {
    const move = clockMessageSchema.safeParse(message).data;
    if (move === undefined) return;
    shared[0] = move.sandboxClockOffsetMs;
    announceMove();
    process.send?.(clockMessage(offset()));
  });
  // Listening must not keep a process alive that has ended otherwise.
  process.channel?.unref();
}
