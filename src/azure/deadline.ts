/**
 * Runs `work` for at most `ms` milliseconds.
 *
 * A credential that fetches a token does not listen to an abort signal, so the wait ends even where the work does not;
 * what such work comes to afterwards is nobody's.
 *
 * @throws DOMException `TimeoutError`, or whatever `work` throws.
 */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(Math.max(0, Math.ceil(ms)));
  const expired = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => expired.reject(signal.reason), { once: true });
  return Promise.race([work(signal), expired.promise]);
}
