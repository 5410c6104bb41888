import type { Setting } from './setting.ts';
import type { Party } from './table.ts';
import { type Actor, type Late, RESTING, type Step, type World } from './world.ts';

/** One way on from a world. */
export interface Move {
  readonly says: string;
  readonly world: World;
  /** Who wrote the row, where it was written. */
  readonly by?: Party;
  /** Who wrote the row of the intent that a rotation replaces, where it was written. */
  readonly oldBy?: Party;
}

/** One actor about to do one step. */
export interface Turn {
  readonly setting: Setting;
  readonly world: World;
  readonly at: number;
  readonly me: Actor;
}

export type Play = (turn: Turn) => readonly Move[];
export type Plays = Readonly<Partial<Record<Step, Play>>>;

export const restOf = ({ me }: Turn): Step => RESTING[me.role].step;

/** The same turn in a world that is otherwise. */
export const inWorld = (turn: Turn, patch: Partial<World>): Turn => ({ ...turn, world: { ...turn.world, ...patch } });

/** What was sent, got no answer, and may still land. */
export const sendLate = (turn: Turn, late: Late): Turn => inWorld(turn, { late: [...turn.world.late, late] });

/** How a turn may go wrong, as long as the bound on faults lasts. */
export function faulty(turn: Turn, play: Play): readonly Move[] {
  const { faults } = turn.world;
  return faults > 0 ? play(inWorld(turn, { faults: faults - 1 })) : [];
}

/** The actor goes on to a step. At rest it forgets everything. */
export function go({ world, at, me }: Turn, step: Step, patch?: Partial<Actor>): World {
  const rests = step === 'vend' || step === 'idle' || step === 'done';
  const next: Actor = rests ? { ...RESTING[me.role], step } : { ...me, rereading: false, ...patch, step };
  return { ...world, actors: world.actors.with(at, next) };
}

export function move(turn: Turn, what: string, step: Step, patch?: Partial<Actor>): Move {
  const { at, me } = turn;
  return { says: `${me.role} ${at}, ${me.step}: ${what}`, world: go(turn, step, patch) };
}
