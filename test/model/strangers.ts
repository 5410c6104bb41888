import type { Credential } from '../../src/vending/model/credential.ts';
import { AHEAD, keyId, keyRecord, NONE, viewOf } from './row.ts';
import type { Mischief, Setting } from './setting.ts';
import { isOurs, isSigned, killed, namesVersion } from './upstreams.ts';
import { BY_HAND, DEAD, FOREIGN, type Move, type Version, versionOf, type World } from './world.ts';

/** Deeds of people who have rights in Confluent, in the vault or in the table. Each is a fault. */
export function strangers(before: World, setting: Setting): Move[] {
  if (setting.strangers.length === 0 || before.faults === 0 || before.isForged) return [];
  const world = { ...before, faults: before.faults - 1 };
  const isThere = world.row !== undefined && world.isDark !== 'vault';
  return setting.strangers.flatMap((mischief) => deeds(mischief, world, isThere));
}

function deeds(mischief: Mischief, world: World, isThere: boolean): readonly Move[] {
  switch (mischief) {
    case 'delete keys':
      return deletesKeys(world);
    case 'replace tags':
      return replacesTags(world);
    case 'copy tags':
      return copiesTags(world);
    case 'set versions':
      return isThere && !world.isTaken ? setsVersion(world) : [];
    case 'forge tags':
      return isThere ? forgesTags(world) : [];
    case 'forge rows':
      return forgesRows(world);
  }
}

/** Nobody can delete between a look and the commit that follows from it: no look beats that race. */
function deletesKeys(world: World): Move[] {
  const isRace = world.actors.some(({ step }) => step === 'recoverVended' || step === 'resolveAsVended');
  if (isRace) return [];
  return world.keys.flatMap(({ fate }, n): Move[] =>
    fate === 'live' ? [[`a stranger deletes K${n}`, killed(world, n, 'gone')]] : [],
  );
}

/** A key that the ledger forgot and that no tags name any more: nobody can know of it. */
function retagged(world: World, n: number, tag: number, tagKey: number): World {
  const version = world.versions[n];
  if (version === undefined) return world;
  const isKnown = namesVersion(viewOf(world.row), n);
  const key = world.keys[version.key];
  const isMissed = key?.isLost === true && !isKnown;
  return {
    ...world,
    versions: world.versions.with(n, { ...version, tag, tagKey, isKnown }),
    keys: isMissed ? world.keys.with(version.key, { ...key, isMissed }) : world.keys,
  };
}

const replacesTags = (world: World): Move[] =>
  world.versions.flatMap((v, n): Move[] =>
    isOurs(v) && v.enabled && v.tag !== 0
      ? [[`the tags of K${v.key}'s version are replaced`, retagged(world, n, 0, NONE)]]
      : [],
  );

/** Onto the version of current or previous. A copy onto that of an attempt under way is believed: nobody can tell. */
function copiesTags(world: World): Move[] {
  const row = viewOf(world.row);
  return world.versions.flatMap((v, n): Move[] => {
    if (!v.enabled || (n !== row.currentVersion && n !== row.previousVersion)) return [];
    return world.versions
      .filter(({ tag }) => tag > 0 && tag < v.attempt && tag !== v.tag)
      .map(
        ({ tag, tagKey }): Move => [
          `K${v.key}'s version gets the tags of a${tag}`,
          { ...world, versions: world.versions.with(n, { ...v, tag, tagKey, isKnown: true }) },
        ],
      );
  });
}

const byHand = (tag: number, tagKey: number, place: number): Version => ({
  ...versionOf(BY_HAND, BY_HAND, tag, place),
  tagKey,
});

const setsVersion = (world: World): Move[] =>
  world.versions.every(isOurs)
    ? [
        [
          'a stranger sets a version',
          { ...world, versions: [...world.versions, byHand(0, NONE, viewOf(world.row).place)] },
        ],
      ]
    : [];

function forgesTags(world: World): Move[] {
  const out = world.versions.flatMap((v, n): Move[] =>
    isOurs(v) && v.enabled && isSigned(v)
      ? [[`the tags of K${v.key}'s version name the key of another`, retagged(world, n, v.tag, FOREIGN)]]
      : [],
  );
  if (!world.versions.every(isOurs) || world.claimed === 0) return out;
  for (const key of [FOREIGN, DEAD]) {
    const version = byHand(world.claimed, key, viewOf(world.row).place);
    const says = `a stranger sets a version with the tags of a${world.claimed} and ${key === DEAD ? 'a dead key' : 'the key of another'}`;
    out.push([says, { ...world, versions: [...world.versions, version] }]);
  }
  return out;
}

/** A table row names the key of another. Nothing but that key is asked for from then on. */
function forgesRows(world: World): Move[] {
  const { row } = world;
  if (row === undefined) return [];
  const { current, previous, work } = row;
  const forged: readonly (readonly [string, Credential])[] = [
    ...(current ? [['current', { ...row, current: { ...current, key: keyRecord(FOREIGN) } }] as const] : []),
    ...(previous
      ? [['previous', { ...row, previous: { ...previous, keyId: keyId(FOREIGN), revokeAt: AHEAD } }] as const]
      : []),
    ...(work?.keyId ? [['work', { ...row, work: { ...work, keyId: keyId(FOREIGN) } }] as const] : []),
  ];
  return forged.map(
    ([part, next]): Move => [
      `a stranger writes the key of another into ${part}`,
      {
        ...world,
        row: next,
        isForged: true,
        late: [],
        actors: world.actors.map((actor) => ({ ...actor, isFresh: false })),
      },
    ],
  );
}
