import type { Vend } from './drivers.ts';

export interface Load {
  readonly vends: number;
  /** At a time. */
  readonly concurrency: number;
}

export interface Served {
  readonly vended: number;
  /** Answered with something else than a key: out of time, or an upstream silent for too long. */
  readonly refused: number;
}

/** Asks so often, so many at a time. @throws what the last of them throws where not one is vended. */
export async function vendInFlight(vend: Vend, { vends, concurrency }: Load): Promise<Served> {
  let [left, refused] = [vends, 0];
  let why: unknown;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left--;
      try {
        await vend();
      } catch (error) {
        refused++;
        why = error;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  if (refused > 0 && refused === vends) throw why;
  return { vended: vends - refused, refused };
}
