import type { UpstreamTrace } from '../../vending/model/upstream.ts';
import type { NoteOutcome } from '../../vending/ports/ledger.ts';
import type { Attempt } from './table.ts';

export const unreachable = (upstream: UpstreamTrace) => ({ kind: 'unreachable' as const, upstream });

export const noteOutcome = (attempt: Attempt<unknown>): NoteOutcome =>
  attempt.kind === 'done' ? { kind: 'noted' } : unreachable(attempt.upstream);
