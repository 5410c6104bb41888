import { expect } from 'vitest';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { apply, type Party, type Transition, transitionNameOf } from '../../../src/vending/model/transitions.ts';
import { commitOf } from '../../../src/vending/saga/changes.ts';
import { NOW, TIMINGS } from '../model/credentials.ts';

interface Options {
  readonly by?: Party;
  readonly now?: number;
  readonly hasTopic?: boolean;
}

/** The commit of one transition. @throws where the table refuses it */
export function committed<Input>(
  transition: Transition<Input>,
  before: Credential | undefined,
  input: Input,
  { by = 'worker', now = NOW, hasTopic = true }: Options = {},
) {
  const applied = apply(transition, before, input, { now, timings: TIMINGS, by });
  if (applied.kind === 'refused') throw new Error(applied.condition);
  const after = { ...applied.row, sequence: (before?.sequence ?? 0) + 1, writeId: 'write-2' };
  const from = before && { credential: before, etag: 'etag' };
  const isBookkeeping = transition.isBookkeeping === true;
  const change = transitionNameOf(transition);
  const planned = { change, isBookkeeping, from, after, at: now, timings: TIMINGS, actor: 'worker', hasTopic };
  const { commit, recorded } = commitOf({ ...planned, requestHash: 'hash' });
  const { insert = [], put = [], remove = [] } = commit;
  const all = [...insert.map(({ key }) => key), ...put.map(({ key }) => key), ...remove];
  expect(new Set(all).size, 'a row stands in a transaction once').toBe(all.length);
  expect(1 + all.length, 'rows of one commit').toBeLessThanOrEqual(9);
  return {
    action: commit.credential?.action,
    after,
    recorded,
    inserted: insert.map(({ kind }) => kind),
    put: put.map(({ kind }) => kind),
    removed: remove.map((key) => key.split('_')[0]),
    value: (kind: string) => [...insert, ...put].find((row) => row.kind === kind)?.value,
    keys: { insert: insert.map(({ key }) => key), put: put.map(({ key }) => key), remove },
  };
}
