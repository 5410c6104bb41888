import { nameOf, read } from './ledger.ts';
import { faulty, type Move, move, type Plays, restOf, sendLate, type Turn } from './turn.ts';
import type { OldKind, Row, Step } from './world.ts';

/** Where a compare-and-set of the old intent's row leads; without an answer it may have taken effect, or may yet. */
interface OldThen {
  readonly recorded: Step;
  readonly otherwise: Step;
}

/** One compare-and-set of the row of the intent that a rotation replaces, from one of its states to the next. */
export function writeOld(turn: Turn, from: readonly OldKind[], to: OldKind, then: OldThen): readonly Move[] {
  const { world, me } = turn;
  const { recorded, otherwise } = then;
  const before = world.old;
  if (!from.includes(before)) return [move(turn, `412, the old intent is ${before}`, otherwise)];
  const effect = (on: Turn, what: string, step: Step): Move => ({
    ...move({ ...on, world: { ...on.world, old: to } }, what, step),
    oldBy: me.role,
  });
  const late = { kind: 'oldWrite', from: before, to, by: me.role } as const;
  return [
    effect(turn, `writes the old intent ${to}`, recorded),
    ...faulty(turn, (bad) => [
      move(bad, `cannot write the old intent ${to}`, otherwise),
      effect(bad, `writes the old intent ${to}, gets no answer`, otherwise),
      move(sendLate(bad, late), `the old intent's ${to} is under way, no answer`, otherwise),
    ]),
  ];
}

/** The rotation's claim is confirmed: is there still something to rotate? */
function checkOld(turn: Turn): readonly Move[] {
  const { world, setting } = turn;
  const { sourceRechecked, supersedeAfterVended } = setting.rules;
  if (world.old === 'none' || !sourceRechecked) return [move(turn, 'goes on', 'mintOnce')];
  if (world.old !== 'vended') return [move(turn, `the old intent is ${world.old}`, 'nothingMinted')];
  return [
    move(turn, 'the old intent is vended', supersedeAfterVended ? 'mintOnce' : 'supersede'),
    ...faulty(turn, (bad) => [move(bad, 'cannot read the old intent', 'nothingMinted')]),
  ];
}

function supersede(turn: Turn): readonly Move[] {
  const { world, me } = turn;
  const onward: Step = me.role === 'reconciler' ? restOf(turn) : world.row.kind === 'minting' ? 'mintOnce' : 'answer';
  if (world.old !== 'vended') return [move(turn, 'no old key to mark', onward)];
  return writeOld(turn, ['vended'], 'superseded', { recorded: onward, otherwise: onward });
}

/** Whoever revoked the old key is told whether a rotation has, or may yet have, a key in its place. */
function lookForSuccessor(turn: Turn): readonly Move[] {
  const decide = (reader: Turn, row: Row): Move => {
    const alone = row.kind === 'none' || row.kind === 'failed';
    const told = alone ? { ...reader, world: { ...reader.world, revokedAlone: true } } : reader;
    return move(told, `reads ${nameOf(row)}, ${alone ? 'no' : 'a'} successor`, 'disableOld');
  };
  return read(turn, decide, 'disableOld');
}

export const ROTATION: Plays = { checkOld, supersede, lookForSuccessor };
