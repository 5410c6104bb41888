/** Fisher and Yates's shuffle, of a copy. */
export function shuffled<T>(items: readonly T[]): T[] {
  const left = [...items];
  const taken: T[] = [];
  while (left.length > 0) taken.push(...left.splice(Math.floor(Math.random() * left.length), 1));
  return taken;
}
