/**
 * Runs `work` for at most `ms` milliseconds.
 *
 * A credential that fetches a token does not listen to an abort signal, so the wait ends even where the work does not;
 * what such work comes to afterwards is nobody's.
 *
 * @throws DOMException `TimeoutError`, or whatever `work` throws.
 */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const expired = Promise.withResolvers<never>();
  // `AbortSignal.timeout` could not be called off: it keeps all that the work holds until it fires.
  const timer = setTimeout(
    () => {
      const reason = new DOMException('The deadline has passed', 'TimeoutError');
      controller.abort(reason);
      expired.reject(reason);
    },
    Math.max(0, Math.ceil(ms)),
  );
  try {
    return await Promise.race([work(controller.signal), expired.promise]);
  } finally {
    clearTimeout(timer);
  }
}
