/** The result of the work, or `otherwise` where the work takes longer than `ms` milliseconds. */
export function inTime<T>(ms: number, work: Promise<T>, otherwise: T): Promise<T> {
  const late = Promise.withResolvers<T>();
  const timer = setTimeout(() => late.resolve(otherwise), ms);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
