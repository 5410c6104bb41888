import { TRANSITIONS } from '../../src/vending/model/transitions.ts';
import { decidesIf } from './decision.ts';
import { ended, ofVended, toCompensate } from './inputs.ts';
import { commit } from './ledger.ts';
import { REBUILD, rebuilds } from './rebuild.ts';
import { toTakeUp } from './revocation.ts';
import { NONE } from './row.ts';
import type { Step } from './steps.ts';
import { type Patch, rowOf, type Turn, withFault, withWorld, wrong } from './turn.ts';
import { isInDoubt, isLive, isSigned } from './upstreams.ts';
import { givesWord, WORD } from './word.ts';
import { FOREIGN, type Move } from './world.ts';

function idle(t: Turn): Move[] {
  return [...(rowOf(t).exists ? [...resolves(t), ...corrects(t), ...givesWord(t)] : []), ...rebuilds(t)];
}

// ---- an attempt that nobody else can end

/** With no clock to rely on, the operator has to know that no POST of the attempt can come any more. */
const mayPostCome = ({ world, setting }: Turn, attempt: number): boolean =>
  setting.clock === 'none' &&
  (world.late.some(({ kind }) => kind === 'post') ||
    world.actors.some(
      ({ step, attempt: its }) =>
        its === attempt && (step === 'post' || step === 'findClaim' || step === 'findLateClaim'),
    ));

function resolves(t: Turn): Move[] {
  const { world, setting } = t;
  const { phase, workAttempt: attempt } = rowOf(t);
  const isStuck = setting.rules.wordOnDeadAttempt && (world.isDark !== undefined || isInDoubt(t));
  const isOpen = phase === 'unknown' || (isStuck && (phase === 'minting' || phase === 'minted'));
  return isOpen && !mayPostCome(t, attempt) ? [...resolvesWell(t), ...errs(t)] : [];
}

const names = (t: Turn, says: string, patch: Patch): Move[] =>
  decidesIf(t, says, 'resolveWithKey', patch, TRANSITIONS.resolveWithKey, toCompensate);
const saysNone = (t: Turn, says: string): Move[] =>
  decidesIf(
    t,
    says,
    'resolveWithoutKey',
    { attempt: rowOf(t).workAttempt, key: NONE },
    TRANSITIONS.resolveWithoutKey,
    ended,
  );

/** He finds keys by their marker, and may read the value of a version. */
function seen(t: Turn) {
  const { world, setting } = t;
  const { rules } = setting;
  const row = rowOf(t);
  const attempt = row.workAttempt;
  const orphan = world.keys.findIndex((key) => key.attempt === attempt && key.fate === 'live');
  const tagged = world.versions.filter((v) => v.tag === attempt).map(({ tagKey }) => tagKey);
  const known =
    row.workKey === NONE ? (tagged.find((key) => key !== FOREIGN || !rules.markerNamed) ?? NONE) : row.workKey;
  const version = world.versions.findLastIndex(
    (v) => v.enabled && v.attempt === attempt && (isSigned(v) || rules.versionIsShown),
  );
  const key = world.versions[version]?.key ?? NONE;
  return { attempt, orphan, known, version, key };
}

function resolvesWell(t: Turn): Move[] {
  const { attempt, orphan, known, version, key } = seen(t);
  const { rules } = t.setting;
  // While its key lives, readers may have that version. Only a revocation takes it from them.
  if (key !== NONE && isLive(t.world, key)) {
    const adopts = decidesIf(
      t,
      `sees that K${key} lives`,
      'resolveAsVended',
      { attempt, key, version },
      TRANSITIONS.resolveAsVended,
      ofVended,
    );
    if (adopts.length > 0) return adopts;
  }
  if (orphan !== NONE) return names(t, `finds K${orphan}`, { attempt, key: orphan, version });
  if (known !== NONE && rules.noneNeedsNoKey)
    return names(t, `names K${known}, which is gone`, { attempt, key: known, version });
  return saysNone(t, 'finds no key');
}

function errs(t: Turn): Move[] {
  const { world, setting } = t;
  const { attempt, orphan, known } = seen(t);
  const { rules } = setting;
  const out: Move[] = [];
  const stranger = rules.markerChecked
    ? NONE
    : world.keys.findIndex((key) => key.attempt !== attempt && key.fate === 'live');
  if (stranger !== NONE) out.push(...names(t, `takes K${stranger} for the orphan`, { attempt, key: stranger }));
  if (orphan === NONE || world.faults === 0) return out;
  const isYoung = setting.youth && world.minutes < 2;
  if (known === NONE && isYoung) out.push(...saysNone(withFault(t), `does not see K${orphan}, which is young`));
  const mayOverlook = setting.errs ? known === NONE || !rules.noneNeedsNoKey : !rules.noneNeedsNoKey;
  if (mayOverlook) {
    const f = withFault(t);
    const key = world.keys[orphan];
    const missed =
      setting.errs && key ? { ...f.world, keys: world.keys.with(orphan, { ...key, isMissed: true }) } : f.world;
    out.push(...saysNone(withWorld(f, missed), `overlooks K${orphan}`));
  }
  return out;
}

/** A wrong "none" is corrected: the key carries a marker of this credential, and the row does not name it. */
function corrects(t: Turn): Move[] {
  const { world, setting } = t;
  const { isRevoked } = rowOf(t);
  const newest = world.versions.at(-1);
  return world.keys.flatMap((key, n) => {
    const isRead = setting.rules.correctionSparesReaders && !isRevoked && newest?.key === n && newest.enabled;
    const mayName = setting.errs || key.isMissed || (key.isLost && setting.rules.restIsDeleted);
    if (!mayName || key.fate !== 'live' || isRead) return [];
    return decidesIf(
      t,
      `finds K${n} after all`,
      'correctNone',
      { attempt: key.attempt, key: n },
      TRANSITIONS.correctNone,
      toTakeUp,
    );
  });
}

const resolveAsVended = (t: Turn): Move[] => {
  const { key } = t.me;
  const mayBeGone = isLive(t.world, key) || t.world.keys[key]?.fate === 'deleted';
  const turn = mayBeGone ? t : withWorld(t, wrong(t.world, 'A: a key is adopted that was gone at the look'));
  return commit(turn, 'says that it was vended', TRANSITIONS.resolveAsVended, ofVended(t), 'rest');
};

export const OPERATOR: Readonly<Partial<Record<Step, (t: Turn) => Move[]>>> = {
  idle,
  resolveWithKey: (t) => commit(t, `names K${t.me.key}`, TRANSITIONS.resolveWithKey, toCompensate(t), 'rest'),
  resolveWithoutKey: (t) => commit(t, 'says "none"', TRANSITIONS.resolveWithoutKey, ended(t), 'rest'),
  resolveAsVended,
  correctNone: (t) => commit(t, `names K${t.me.key}`, TRANSITIONS.correctNone, toTakeUp(t), 'rest'),
  ...WORD,
  ...REBUILD,
};
