/**
 * Preload (`node --import …/preload.ts app`): what the process reads as the present is the sandbox's clock, moved by
 * messages of the parent. Timers stay on real time, and so do Node.js's own parts, such as TLS.
 */
import process from 'node:process';
import { announceMove, CLOCK_OFFSET_VARIABLE, clockMessage, clockMessageSchema } from './moves.ts';

const RealDate = globalThis.Date;
const realNow = RealDate.now;
let offset = Number(process.env[CLOCK_OFFSET_VARIABLE] ?? 0);

RealDate.now = () => realNow() + offset;

// A proxy and no subclass: dates that Node.js itself makes must still be instances of it.
const ShiftedDate = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [target.now()] : args, newTarget),
  apply: (target) => new target(target.now()).toString(),
});
Object.defineProperty(RealDate.prototype, 'constructor', { value: ShiftedDate, configurable: true, writable: true });
globalThis.Date = ShiftedDate;

process.on('message', (message) => {
  const move = clockMessageSchema.safeParse(message).data;
  if (move === undefined) return;
  offset = Math.max(offset, move.sandboxClockOffsetMs);
  announceMove();
  process.send?.(clockMessage(offset));
});
// Listening must not keep a process alive that has ended otherwise.
process.channel?.unref();
