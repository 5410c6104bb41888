import { TRANSITIONS } from '../../src/vending/model/transitions.ts';
import {
  answerReplay,
  firstClaim,
  type MayClaim,
  planEnd,
  planRevocation,
  planRotation,
  planVend,
  rotationClaim,
} from './answers.ts';
import { commit, readRow } from './ledger.ts';
import { NONE } from './row.ts';
import type { Step } from './steps.ts';
import { moveTo, rowOf, type Turn, withWorld, wrong } from './turn.ts';
import type { Move } from './world.ts';

const plan = (t: Turn): Move => {
  switch (t.me.role) {
    case 'rotate':
      return planRotation(t, 'may claim', false);
    case 'revoke':
      return planRevocation(t);
    case 'end':
      return planEnd(t);
    default:
      return planVend(t, 'may claim');
  }
};

/** A first vend does not read first: the conflict of its insert is the look-up. */
function insert(t: Turn): Move[] {
  const { world } = t;
  if (world.isPruned) return [moveTo(t, 'comes too late', 'rest')];
  if (world.row !== undefined) return [moveTo(t, 'inserts: a conflict', 'findClaim')];
  if (world.claimed >= t.setting.attempts) return [moveTo(t, 'gives up', 'rest')];
  return claim({ ...t, me: { ...t.me, step: 'claim', attempt: world.claimed + 1 } });
}

function claim(t: Turn): Move[] {
  const { world, me, setting } = t;
  const isNameTaken = world.isTaken && setting.rules.nameClaimed && rowOf(t).current === NONE;
  if (isNameTaken) return [moveTo(t, 'is refused: the name is taken', 'rest')];
  const newest = world.versions.at(-1);
  if (!setting.rules.nameRowDecides && me.role === 'rotate' && newest?.enabled === true && newest.tag === 0)
    return [moveTo(withWorld(t, wrong(world, "P: a stranger's tags refuse every rotation")), 'is refused', 'rest')];
  if ((world.requests[me.request] ?? 0) > 0) return [moveTo(t, 'claims: its request row is there', 'findClaim')];
  const unanswered: Step = setting.rules.confirmClaim ? 'findLateClaim' : 'post';
  const mine = withWorld(t, { ...world, actors: world.actors.with(t.at, me) });
  return me.role === 'vend'
    ? commit(mine, 'claims', TRANSITIONS.claimVend, firstClaim(t), 'post', unanswered)
    : commit(mine, 'claims', TRANSITIONS.claimRotation, rotationClaim(t), 'post', unanswered);
}

/** The claim conflicted, or went unanswered. In both cases it may be the one that took effect. */
const findClaim = (t: Turn, mayClaim: MayClaim): Move[] => readRow(t, (read) => [foundClaim(read, mayClaim)]);

function foundClaim(t: Turn, mayClaim: MayClaim): Move {
  const { world, me, at, setting } = t;
  const row = rowOf(t);
  const requested = world.requests[me.request] ?? 0;
  const looksMine = row.workAttempt === me.attempt && row.phase === 'minting';
  const isSigned = looksMine && row.claimedBy === at;
  if (!setting.rules.ownClaimFirst && requested > 0)
    return isSigned ? abandons(t) : answerReplay(t, me.request, requested);
  if (looksMine && isOwn(t, isSigned)) return goesOn(t, row.isRevoked);
  if (isSigned && setting.rules.ownWrite) return abandons(t);
  return me.role === 'vend' ? planVend(t, mayClaim) : planRotation(t, mayClaim, true);
}

function isOwn({ world, at, setting: { rules } }: Turn, isSigned: boolean): boolean {
  if (!rules.ownWrite) return true;
  return rules.claimSigned ? isSigned : world.row?.writeId === String(at);
}

const goesOn = (t: Turn, isRevoked: boolean): Move =>
  moveTo(t, 'finds its claim', isRevoked && t.setting.rules.stopsWhenRevoked ? 'recordNotMinted' : 'post');

function abandons(t: Turn): Move {
  const next = wrong(t.world, 'C: a worker that lives leaves its own claim to an operator');
  return moveTo(withWorld(t, next), 'does not know its own claim', 'rest');
}

export const CLAIM: Readonly<Partial<Record<Step, (t: Turn) => Move[]>>> = {
  ask: (t) => readRow(t, (read) => [plan(read)]),
  insert,
  claim,
  findClaim: (t) => findClaim(t, 'may claim'),
  findLateClaim: (t) => findClaim(t, 'may not claim'),
};
