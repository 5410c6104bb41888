/** Every status of a final answer. */
export const STATUSES: readonly number[] = Array.from({ length: 400 }, (_, above) => 200 + above);

/** The statuses by what each proves. Those that prove nothing are left out. */
export function byProof(outcomes: readonly (readonly [status: number, kind: string])[], nothing: string) {
  const kinds = Map.groupBy(outcomes, ([, kind]) => kind);
  kinds.delete(nothing);
  return Object.fromEntries([...kinds].map(([kind, those]) => [kind, those.map(([status]) => status)]));
}
