type Defined<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** The fields that have a value: neither undefined nor null. */
export function definedOnly<T extends object>(fields: T): Defined<T> {
  const defined = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(defined) as Defined<T>;
}
