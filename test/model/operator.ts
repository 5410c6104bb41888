import { disabled } from './effects.ts';
import { compareAndSet } from './ledger.ts';
import { inWorld, type Move, move, type Plays, type Turn } from './turn.ts';
import { NONE, type World } from './world.ts';

/** With no clock to rely on, the operator has to know that no POST of the attempt can come any more. */
const noPostCanCome = ({ row, late, actors }: World): boolean =>
  late.every(({ kind }) => kind !== 'post') &&
  actors.every(({ step, attempt }) => (step !== 'checkOld' && step !== 'mintOnce') || attempt !== row.attempt);

function mayDecide({ setting, world }: Turn): boolean {
  if (!setting.rules.operatorWaits) return true;
  return setting.timing === 'kept' ? world.lapsed >= world.row.attempt : noPostCanCome(world);
}

/** The operator looks in Confluent, and looks well; only without our checks does it matter that people err. */
function idle(turn: Turn): readonly Move[] {
  const { world, setting } = turn;
  const { row, keys, versions } = world;
  if (row.kind !== 'unknown' || !mayDecide(turn)) return [];
  const sees = (what: string, step: 'deleteOrphan' | 'disableStored' | 'closeWithoutKey', key: number): Move =>
    move(turn, what, step, { fresh: true, attempt: row.attempt, key });
  const orphan = keys.findIndex(({ fate, attempt }) => fate === 'lives' && attempt === row.attempt);
  const other = keys.findIndex(({ fate, attempt }) => fate === 'lives' && attempt !== row.attempt);
  const stored = versions.some(({ attempt }) => attempt === row.attempt);
  const moves: Move[] = [];
  if (orphan !== NONE) moves.push(sees(`finds K${orphan} in Confluent`, 'deleteOrphan', orphan));
  if (orphan === NONE)
    moves.push(sees('finds no key in Confluent', stored ? 'disableStored' : 'closeWithoutKey', NONE));
  if (other !== NONE && !setting.rules.markerChecked)
    moves.push(sees(`takes K${other} for the orphan`, 'deleteOrphan', other));
  if (orphan !== NONE && stored && !setting.rules.noneNeedsDeadKeys)
    moves.push(sees(`overlooks K${orphan}`, 'closeWithoutKey', NONE));
  return moves;
}

/** Somebody resolves unknown intents. The compensation is left to the next who reads `compensating`. */
export const OPERATOR: Plays = {
  idle,
  deleteOrphan: (turn) =>
    compareAndSet(
      turn,
      { kind: 'compensating', key: turn.me.key, due: due(turn) },
      { recorded: 'idle', lost: 'idle', unanswered: 'idle' },
    ),
  disableStored: (turn) => [
    move(inWorld(turn, disabled(turn.world, turn.me.attempt)), 'disables what its dead key left', 'closeWithoutKey'),
  ],
  closeWithoutKey: (turn) =>
    compareAndSet(turn, { kind: 'failed', due: due(turn) }, { recorded: 'idle', lost: 'idle', unanswered: 'idle' }),
};

const due = ({ world, setting }: Turn): boolean => world.row.due || setting.rules.unpark;
