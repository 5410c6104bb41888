import { TRANSITIONS } from '../../src/vending/model/transitions.ts';
import { decides } from './decision.ts';
import { commit } from './ledger.ts';
import { keyId, NONE } from './row.ts';
import type { Step } from './steps.ts';
import { allows, rowOf, type Turn, withFault, withWorld } from './turn.ts';
import { disabled, killed } from './upstreams.ts';
import type { Move } from './world.ts';

/** The operator's word, where Confluent or the vault does not answer any more. */
export function givesWord(t: Turn): Move[] {
  const { world, setting } = t;
  if (world.isDark === undefined) return [];
  const row = rowOf(t);
  const out: Move[] = [];
  if (row.isIdle && !row.isChecked && setting.rules.wordCloses && allows(t, TRANSITIONS.wordNothingLeft, {}))
    out.push(...saysNothingLeft(t));
  for (const key of [row.workKey, row.current, row.previous]) {
    const isPrevious = key === row.previous && !row.isRevoked;
    if (key === NONE || (isPrevious && !setting.rules.wordOnPrevious)) continue;
    if (allows(t, TRANSITIONS.wordGone, { keyId: keyId(key) })) out.push(...deletesByHand(t, key));
  }
  return out;
}

/** By the marker. A key that Confluent lets us delete is named first. */
function saysNothingLeft(t: Turn): Move[] {
  const { world } = t;
  const left = world.keys.some(({ fate, isMissed }) => fate === 'live' && !isMissed);
  if (world.isDark !== 'confluent') return left ? [] : [decides(t, 'says that the vault is gone', 'wordNothingLeft')];
  const next = world.keys.reduce((sum, key, n) => (key.isMissed ? sum : killed(sum, n)), world);
  return [decides(withWorld(t, next), 'says that nothing is left', 'wordNothingLeft')];
}

function deletesByHand(t: Turn, key: number): Move[] {
  const { world, setting } = t;
  const row = rowOf(t);
  const isNamed = (_: unknown, n: number): boolean =>
    (key === row.current && n === row.currentVersion) ||
    (key === row.previous && n === row.previousVersion) ||
    (key === row.workKey && n === row.workVersion);
  const { wordDisables } = setting.rules;
  const next = wordDisables ? disabled(world, isNamed) : world;
  const says = `deletes K${key} by hand`;
  const out = [decides(withWorld(t, killed(next, key)), says, 'wordGone', { key })];
  // The word holds all the same: the vault may be gone.
  if (!wordDisables || world.faults === 0) return out;
  const f = withFault(t);
  return [...out, decides(withWorld(f, killed(f.world, key)), `${says}, the vault is silent`, 'wordGone', { key })];
}

function wordGone(t: Turn): Move[] {
  const { world, me, setting } = t;
  // A version that is still enabled: the vault was silent. Its tags are the only thread to it then.
  const versions = world.versions.map((v) => (v.key === me.key && v.enabled ? { ...v, isKnown: false } : v));
  const turn = setting.rules.wordDisables ? withWorld(t, { ...world, versions }) : t;
  return commit(turn, `gives the word on K${me.key}`, TRANSITIONS.wordGone, { keyId: keyId(me.key) }, 'rest');
}

export const WORD: Readonly<Partial<Record<Step, (t: Turn) => Move[]>>> = {
  wordGone,
  wordNothingLeft: (t) => {
    const input = { vaultIsGone: t.world.isDark === 'vault' };
    return commit(t, 'gives the word that nothing is left', TRANSITIONS.wordNothingLeft, input, 'rest');
  },
};
