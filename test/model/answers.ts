import { TRANSITIONS } from '../../src/vending/model/transitions.ts';
import { claimOf } from './ledger.ts';
import { AHEAD, draftOf, keyId, NONE } from './row.ts';
import { allows, ask, goTo, moveTo, nameOf, rowOf, type Turn, withWorld, wrong } from './turn.ts';
import { attemptOf, isEnabled, isLive } from './upstreams.ts';
import type { Move, World } from './world.ts';

// Every answer is judged when it is given.

export function answerVended(t: Turn, request: number, attempt: number): Move {
  const { world, setting } = t;
  const { current, isRevoked } = rowOf(t);
  const key = world.keys[current];
  const mayBeDisabled =
    setting.clock === 'none' || world.isDark !== undefined || setting.strangers.includes('delete keys');
  let next = world;
  if (isRevoked || key === undefined || (attempt > 0 && key.attempt !== attempt))
    next = wrong(next, 'V: vended was answered, and the ledger does not say so');
  else if (!key.isLost && (key.fate === 'deleted' || !(mayBeDisabled || isEnabled(world, current))))
    next = wrong(next, 'V: vended was answered, and readers do not get the secret');
  if (request > 0) next = answered(next, request, attempt);
  return moveTo(withWorld(t, next), `answers vended a${attempt} K${current}`, 'rest');
}

function answered(world: World, request: number, attempt: number): World {
  const before = world.answered[request] ?? 0;
  const next = { ...world, answered: world.answered.with(request, attempt) };
  return before === 0 || before === attempt ? next : wrong(next, 'IV: one request was answered with two attempts');
}

export function answerRevoked(t: Turn): Move {
  const { world } = t;
  const lives =
    world.keys.some(({ fate, isMissed }) => fate === 'live' && !isMissed) || isLive(world, rowOf(t).workKey);
  const next = lives ? wrong(world, 'R: revoked was answered, and a key lives') : world;
  return moveTo(withWorld(t, next), 'answers revoked', 'rest');
}

/** The rotation was claimed earlier. The answer is about that attempt, whatever came after it. */
export function answerReplay(t: Turn, request: number, attempt: number): Move {
  const { world, setting } = t;
  const isVended = world.vendedFor[request] === attempt;
  if (!isVended && setting.rules.replayNeedsOutcome) return moveTo(t, `answers that a${attempt} is under way`, 'rest');
  const next = isVended ? world : wrong(world, 'V: a rotation is answered as vended, and its attempt was not');
  return moveTo(withWorld(t, answered(next, request, attempt)), `answers a replay: a${attempt}`, 'rest');
}

// ---- plans: what a request does about the row that it reads

export const firstClaim = (t: Turn) => ({
  ...claimOf(t),
  draft: draftOf(t.setting, t.setting.moves && t.world.claimed > 0 ? 1 : 0),
});
export const rotationClaim = (t: Turn) => ({
  ...claimOf(t),
  requestKey: String(t.me.request),
  overlapMs: AHEAD,
});

export type MayClaim = 'may claim' | 'may not claim';

export function planVend(t: Turn, mayClaim: MayClaim): Move {
  const { world } = t;
  const row = rowOf(t);
  if (world.isPruned) return moveTo(t, 'finds the name of a forgotten credential', 'rest');
  const says = ask(t, TRANSITIONS.claimVend, firstClaim(t));
  if (says.kind === 'allowed') return claims(t, mayClaim);
  if (says.condition === 'noCurrent' && !row.isRevoked) return answerVended(t, 0, attemptOf(world, row.current));
  if (row.phase === 'compensating')
    return moveTo(t, 'helps to compensate', 'compensate', { attempt: row.workAttempt, key: row.workKey });
  return moveTo(t, `is refused: ${says.condition}`, 'rest');
}

/** @param isAgain its claim conflicted, so the request row is read before another claim. */
export function planRotation(t: Turn, mayClaim: MayClaim, isAgain: boolean): Move {
  const { world, me, setting } = t;
  const row = rowOf(t);
  if (world.isPruned) return moveTo(t, 'finds the name of a forgotten credential', 'rest');
  const claimed = world.requests[me.request] ?? 0;
  const says = ask(t, TRANSITIONS.claimRotation, rotationClaim(t));
  if (row.isRevoked && says.kind === 'refused') return moveTo(t, 'is refused: revoked', 'rest');
  // The first look saves the read of the request row: the claim's conflict is the look-up. It is read before a refusal.
  const isReplay = claimed > 0 && (isAgain || (says.kind === 'refused' && setting.rules.refusalLooksUp));
  if (isReplay) return answerReplay(t, me.request, claimed);
  if (says.kind === 'allowed') return claimed > 0 ? claims(t, mayClaim, true) : claims(t, mayClaim);
  const wasVended = claimed > 0 && world.vendedFor[me.request] !== 0;
  const next = wasVended ? wrong(world, 'IV: a rotation that was vended is refused when it is sent again') : world;
  return moveTo(withWorld(t, next), `is refused: ${says.condition}`, 'rest');
}

function claims(t: Turn, mayClaim: MayClaim, hasRequestRow = false): Move {
  const { world, setting } = t;
  const latest = world.claimed;
  if (mayClaim === 'may not claim') return moveTo(t, 'gives up: its own claim may still land', 'rest');
  if (latest >= setting.attempts && !hasRequestRow) return moveTo(t, 'gives up', 'rest');
  return [`${nameOf(t)} plans`, goTo(t, 'claim', { attempt: latest + 1, key: NONE, version: NONE })];
}

export function planRevocation(t: Turn): Move {
  const row = rowOf(t);
  if (!row.exists) return moveTo(t, 'finds nothing', 'rest');
  if (allows(t, TRANSITIONS.revoke, { by: 'caller' }))
    return moveTo(t, 'plans', t.setting.rules.revocationFirst ? 'revoke' : 'revoking');
  return row.isClosed ? answerRevoked(t) : moveTo(t, 'goes on with the revocation', 'revoking');
}

/** The caller names the key whose overlap ends. */
export function planEnd(t: Turn): Move {
  const row = rowOf(t);
  const key = t.me.key === NONE ? row.previous : t.me.key;
  const isDue =
    row.previous !== NONE &&
    !row.isRevoked &&
    !row.isOverlapOver &&
    allows(t, TRANSITIONS.endOverlapNow, { keyId: keyId(key) });
  return moveTo(t, 'reads', isDue ? 'endOverlapNow' : 'rest', { key });
}
