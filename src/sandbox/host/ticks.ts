import { setImmediate } from 'node:timers/promises';

export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Begins each work in a tick of its own, in the order in which they come. */
export function inTicksOfTheirOwn(): InTurn {
  let turn = Promise.resolve();
  return async (work) => {
    const mine = turn;
    turn = mine.then(() => setImmediate());
    await mine;
    return work();
  };
}
