import type { Credential } from '../../src/vending/model/credential.ts';
import { written } from './ledger.ts';
import { AHEAD, firstRow, NONE, PAST, show, viewOf } from './row.ts';
import type { Setting } from './setting.ts';
import { isEnabled, isLive, isSigned, killed, minted, namesVersion, stored } from './upstreams.ts';
import { HAD, isResting, type Late, type Move, type World } from './world.ts';

const withFault = (world: World): World => ({ ...world, faults: world.faults - 1 });

/** Time passes, the ledger loses rows, and services go dark. */
export const time = (world: World, setting: Setting): Move[] => [
  ...leases(world, setting),
  ...dates(world),
  ...(world.faults > 0 ? calamities(withFault(world), setting) : []),
];

function leases(world: World, setting: Setting): Move[] {
  const { row, late, lapsed, minutes } = world;
  const { youth, clock, rules } = setting;
  if (youth && minutes < 2) return [['a minute passes', { ...world, minutes: minutes + 1 }]];
  const hasSettled = late.every(({ kind }) => kind === 'delete');
  if ((row === undefined && !world.isLost) || lapsed >= world.claimed) return [];
  if (!hasSettled && rules.settle && clock === 'kept') return [];
  const next = { ...world, lapsed: lapsed + 1, minutes: youth ? 0 : minutes };
  return [[`lease and settling time of a${next.lapsed} are over`, next]];
}

function dates(world: World): Move[] {
  const { row } = world;
  const { previous, isOverlapOver, current } = viewOf(row);
  const out: Move[] = [];
  if (previous !== NONE && !isOverlapOver) out.push(['revokeAt is past', passed(world, endsOverlap)]);
  if (row?.current?.expiresOn === AHEAD) out.push([`K${current} expires`, passed(world, expires)]);
  return out;
}

function calamities(world: World, setting: Setting): Move[] {
  const { lost, outage, rules } = setting;
  const { isOverlapOver, isRevoked } = viewOf(world.row);
  const out: Move[] = [];
  if (!rules.dateStays && isOverlapOver && !isRevoked)
    out.push(['revokeAt is moved', written(world, moved(world.row), NONE, setting)]);
  if (lost !== undefined && mayLose(world, lost)) out.push(loses(world, setting, lost));
  if (outage !== undefined && world.isDark === undefined) out.push(darkens(world, outage));
  return out;
}

/** A date that was ahead is past, in every copy of the row. */
function passed(world: World, change: (row: Credential) => Credential): World {
  const { row } = world;
  if (row === undefined) return world;
  const late = world.late.map((effect) => (effect.kind === 'commit' ? { ...effect, row: change(effect.row) } : effect));
  return { ...world, row: change(row), late };
}
const endsOverlap = (row: Credential): Credential =>
  row.previous === undefined ? row : { ...row, previous: { ...row.previous, revokeAt: PAST } };
const expires = (row: Credential): Credential =>
  row.current?.expiresOn === undefined ? row : { ...row, current: { ...row.current, expiresOn: PAST } };
/** In the end every date is past. */
export const allPassed = (world: World): World => passed(passed(world, endsOverlap), expires);

const moved = (row: Credential | undefined): Credential | undefined =>
  row?.previous === undefined ? row : { ...row, previous: { ...row.previous, revokeAt: AHEAD } };

const darkens = (world: World, outage: NonNullable<Setting['outage']>): Move =>
  outage === 'confluent'
    ? ['Confluent answers 403 from now on', { ...world, isDark: outage }]
    : ['the vault is gone', { ...world, isDark: outage, versions: [] }];

// ---- a ledger that loses rows, once

const mayLose = (world: World, lost: NonNullable<Setting['lost']>): boolean =>
  !world.isLost && !world.isTaken && world.row !== undefined && (lost === 'midway' || nothingIsUnderWay(world));

const nothingIsUnderWay = ({ lapsed, claimed, late, actors }: World): boolean =>
  lapsed >= claimed && late.length === 0 && actors.every(isResting);

/** The keys that it forgot, and what it says of dead ones, are nobody's fault. Nor is that it knows requests no more. */
function loses(world: World, setting: Setting, lost: NonNullable<Setting['lost']>): Move {
  const had = HAD[setting.have];
  const row = lost !== 'back' || had === 0 ? undefined : firstRow(setting, had);
  const is = viewOf(row);
  const claimed = setting.rules.markersUnique ? world.claimed : (row?.attempts ?? 0);
  const keys = world.keys.map((key, n) => ({
    ...key,
    isLost: !(key.fate === 'live' && (is.current === n || is.previous === n) && isEnabled(world, n)),
    isMissed: key.isMissed || !world.versions.some((v, at) => v.key === n && (isSigned(v) || namesVersion(is, at))),
  }));
  const versions = world.versions.map((v, n) => ({
    ...v,
    isKnown: !isSigned(v) && namesVersion(is, n),
    // Half of a revocation may be forgotten too.
    isLate: v.isLate || !v.enabled || !isLive(world, v.key),
  }));
  const none = world.answered.map(() => 0);
  const next: World = {
    ...world,
    row,
    keys,
    versions,
    claimed,
    forgotten: claimed,
    lapsed: Math.min(world.lapsed, claimed),
    posts: lost === 'midway' ? world.posts : world.posts.map(() => 0),
    // A commit that is under way meets no ETag any more.
    late: world.late.filter(({ kind }) => kind !== 'commit'),
    answered: none,
    requests: none,
    vendedFor: none,
    isLost: true,
    actors: world.actors.map((actor) => ({ ...actor, isFresh: false })),
  };
  return [`the ledger lost rows: ${show(row)}`, next];
}

// ---- what was sent, and lands late or never

export const lateMoves = (world: World, setting: Setting): Move[] =>
  world.late.flatMap((effect, n) => {
    const left = { ...world, late: world.late.toSpliced(n, 1) };
    return [[`the late ${effect.kind} is lost`, left] as const, lands(left, effect, setting)];
  });

function lands(world: World, effect: Late, setting: Setting): Move {
  switch (effect.kind) {
    case 'commit': {
      const isClaim = world.row?.work === undefined && effect.row.work !== undefined;
      const isTaken = world.isTaken && setting.rules.nameClaimed && viewOf(world.row).current === NONE;
      if (isClaim && isTaken) return ['late, the claim is refused: the name is taken', world];
      return [`late, a commit lands: ${show(effect.row)}`, written(world, effect.row, NONE, setting)];
    }
    case 'post':
      return [`late, K${world.keys.length} is minted`, minted(world, effect.attempt)];
    case 'put':
      return [`late, K${effect.key} is stored`, stored(world, effect.key, effect.attempt, effect.place)];
    case 'delete':
      return [`late, K${effect.key} is deleted`, killed(world, effect.key)];
  }
}
