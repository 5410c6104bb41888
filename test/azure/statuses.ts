/** Every status of a final answer. */
export const STATUSES: readonly number[] = Array.from({ length: 400 }, (_, above) => 200 + above);

/** Statuses, or codes, by what each proves. Those that prove nothing are left out. */
export function byProof(outcomes: readonly (readonly [answer: number | string, kind: string])[], nothing: string) {
  const kinds = Map.groupBy(outcomes, ([, kind]) => kind);
  kinds.delete(nothing);
  return Object.fromEntries([...kinds].map(([kind, those]) => [kind, those.map(([answer]) => answer)]));
}
