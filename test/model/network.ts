import { deleted, minted, stored } from './effects.ts';
import { nameOf, written } from './ledger.ts';
import type { Setting } from './setting.ts';
import type { Move } from './turn.ts';
import { type Late, NONE, type World } from './world.ts';

/** Lease and settling time pass. Where time can be relied on, nothing that could land is under way by then. */
export function time(setting: Setting, world: World): readonly Move[] {
  return [...leases(setting, world), ...overlap(world)];
}

const overlap = (world: World): readonly Move[] =>
  world.old === 'superseded' && !world.overlapOver
    ? [{ says: 'the overlap ends', world: { ...world, overlapOver: true } }]
    : [];

function leases({ rules, timing }: Setting, world: World): readonly Move[] {
  const { row, lapsed, late } = world;
  const matters = row.kind === 'minting' || row.kind === 'minted' || row.kind === 'unknown' || row.kind === 'revoked';
  if (!matters || lapsed >= row.attempt) return [];
  const settled = late.every(({ kind }) => kind === 'delete' || kind === 'oldWrite');
  if (timing === 'kept' && rules.settle && !settled) return [];
  return [{ says: `the lease of attempt ${row.attempt} runs out`, world: { ...world, lapsed: row.attempt } }];
}

/** What was sent and got no answer lands, or does not. */
export function lateEffects(world: World): readonly Move[] {
  return world.late.flatMap((effect, at) => {
    const left = { ...world, late: world.late.filter((_, other) => other !== at) };
    return [{ says: `the late ${effect.kind} is lost`, world: left }, lands(left, effect)];
  });
}

function lands(world: World, effect: Late): Move {
  switch (effect.kind) {
    case 'write':
      return { says: `late, ${nameOf(effect.row)} is written`, world: written(world, effect.row, NONE), by: effect.by };
    case 'post':
      return { says: `late, K${world.keys.length} is minted`, world: { ...world, ...minted(world, effect.attempt) } };
    case 'oldWrite':
      return world.old === effect.from
        ? { says: `late, the old intent is ${effect.to}`, world: { ...world, old: effect.to }, oldBy: effect.by }
        : { says: `late, 412 for the old intent`, world };
    case 'put':
      return {
        says: `late, v${world.versions.length} holds K${effect.key}`,
        world: { ...world, ...stored(world, effect) },
      };
    case 'delete':
      return { says: `late, K${effect.key} is deleted`, world: { ...world, ...deleted(world, effect.key) } };
  }
}

/**
 * Somebody deletes one of our keys in Confluent's console. Between the reconciler's look and its write nobody can, for
 * no look beats that race.
 */
export function stranger({ stranger: there }: Setting, world: World): readonly Move[] {
  const { keys, faults, actors } = world;
  if (!there || faults === 0 || actors.some(({ step }) => step === 'adopt')) return [];
  return keys.flatMap((key, at) =>
    key.fate === 'lives' && key.attempt > 0
      ? [
          {
            says: `a stranger deletes K${at}`,
            world: {
              ...world,
              faults: faults - 1,
              keys: keys.map((one, other): typeof one => (other === at ? { ...one, fate: 'gone' } : one)),
            },
          },
        ]
      : [],
  );
}
