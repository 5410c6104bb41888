import { INTENT_STATES } from '../../src/vending/intent.ts';
import type { Party, StateKind } from './table.ts';
import {
  type Actor,
  type Key,
  type Late,
  NONE,
  type OldKind,
  type Row,
  STEPS,
  type Step,
  type World,
} from './world.ts';

const numbered = <Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> =>
  Object.fromEntries(names.map((name, at) => [name, at])) as Record<Name, number>;

const KINDS = numbered<StateKind>(['none', ...INTENT_STATES]);
const OLD = numbered<OldKind>(['none', 'vended', 'superseded', 'revoking', 'revoked']);
const PARTIES = numbered<Party>(['worker', 'reconciler', 'operator']);
const FATES = numbered<Key['fate']>(['lives', 'deleted', 'gone']);
const LATES = numbered<Late['kind']>(['write', 'post', 'put', 'delete', 'oldWrite']);
const PLACES = numbered<Step>(STEPS);

/** Small numbers, NONE included, in one. */
const pack = (one: number, other: number): number => (one + 1) * 16 + other + 1;

const rowCodes = ({ kind, attempt, key, version, due }: Row): readonly number[] => [
  (KINDS[kind] * 16 + attempt) * 2 + +due,
  pack(key, version),
];

/** Which row was written by this worker is told here, so that its place in the list never matters. */
function actorCode({ row, late }: World, actor: Actor, at: number): number {
  const { role, step, rereading, fresh, attempt, key, version } = actor;
  const where = ((PLACES[step] * 3 + PARTIES[role]) * 2 + +rereading) * 2 + +fresh;
  const mayAsk = step !== 'done' && step !== 'vend';
  const written = mayAsk ? [row.writer, ...late.map(writerOf)] : [];
  const wrote = written.reduce((bits, writer, bit) => (writer === at ? bits | (1 << bit) : bits), 0);
  return ((where * 8 + attempt) * 256 + pack(key, version)) * 64 + wrote;
}

const writerOf = (late: Late): number => (late.kind === 'write' ? late.row.writer : NONE);

function lateCodes(late: Late): readonly number[] {
  switch (late.kind) {
    case 'write':
      return [LATES.write, PARTIES[late.by], ...rowCodes(late.row)];
    case 'post':
      return [LATES.post, late.attempt];
    case 'put':
      return [LATES.put, late.attempt, late.key];
    case 'oldWrite':
      return [LATES.oldWrite, OLD[late.from] * 8 + OLD[late.to], PARTIES[late.by]];
    case 'delete':
      return [LATES.delete, late.key];
  }
}

/**
 * A short name of a world: two worlds with the same one have the same future. Actors of one kind are interchangeable,
 * so they are told in the order of what they are doing.
 */
export function fingerprint(world: World): string {
  const { row, lapsed, keys, versions, late, actors, posts, answers, faults, old, overlapOver, revokedAlone } = world;
  const codes = [
    ...rowCodes(row),
    OLD[old] * 4 + +overlapOver * 2 + +revokedAlone,
    lapsed,
    faults,
    keys.length,
    versions.length,
    late.length,
    answers.length,
    ...posts,
  ];
  for (const { attempt, fate } of keys) codes.push(attempt * 3 + FATES[fate]);
  for (const { key, attempt, enabled, late: isLate } of versions)
    codes.push(pack(key, attempt) * 4 + +enabled * 2 + +isLate);
  for (const one of late) codes.push(...lateCodes(one));
  for (const { key, version } of answers) codes.push(pack(key, version));
  const doing = actors.map((actor, at) => actorCode(world, actor, at)).sort((a, b) => a - b);
  for (const code of doing) codes.push(code & 0xffff, code >>> 16);
  return String.fromCharCode(...codes);
}
