/** @throws RangeError naming the first number in it that is none, or infinite: JSON would keep it as null. */
export function requireFinite(value: unknown, path = ''): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${path} is ${value}.`);
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) requireFinite(inner, `${path}/${name}`);
}
