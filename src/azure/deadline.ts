import { AsyncLocalStorage } from 'node:async_hooks';

/** When the invocation that runs now has to end, in milliseconds of the monotonic clock. */
const ends = new AsyncLocalStorage<number>();

/**
 * Runs an invocation. Everything in it that waits with {@link within} or sleeps ends `ms` milliseconds from now at the latest.
 * The host ends a function that runs longer, and the whole process with it.
 */
export const withDeadline = <T>(ms: number, work: () => T): T =>
  ends.run(performance.now() + Math.min(ms, timeLeft()), work);

/** Milliseconds that are left of the invocation; infinite outside of one. */
export const timeLeft = (): number => Math.max(0, (ends.getStore() ?? Number.POSITIVE_INFINITY) - performance.now());

/** Runs work that outlives the invocation which begins it. */
export const withoutDeadline = <T>(work: () => T): T => ends.exit(work);

/**
 * Runs `work` for at most `ms` milliseconds, or for what is left of the invocation if that is less.
 *
 * A credential that fetches a token does not listen to an abort signal, so the wait ends even where the work does not. The
 * result of such work is dropped. In the work, {@link timeLeft} is what is left of it.
 *
 * @throws DOMException `TimeoutError`, or whatever `work` throws.
 */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const expired = Promise.withResolvers<never>();
  // `AbortSignal.timeout` cannot be cancelled: it keeps all that the work holds until it fires.
  const timer = setTimeout(
    () => {
      const reason = new DOMException('The deadline has passed', 'TimeoutError');
      controller.abort(reason);
      expired.reject(reason);
    },
    Math.ceil(Math.max(0, Math.min(ms, timeLeft()))),
  );
  try {
    return await Promise.race([withDeadline(ms, () => work(controller.signal)), expired.promise]);
  } finally {
    clearTimeout(timer);
  }
}
