import { type Mutant, mutantsOf } from './mutant.ts';

const mutant = mutantsOf('src/vending');

/** What keeps one that cannot be decided from holding up the others, and a wish from being lost. */
export const HELD_UP_MUTANTS: readonly Mutant[] = [
  mutant(
    'rows behind those that nobody can decide',
    'reconcile/reconcile.ts',
    "    return 'waits';\n  }\n  if (mayStillCome",
    "    return 'handled';\n  }\n  if (mayStillCome",
  ),
  mutant(
    'rows behind those of another version',
    'reconcile/reconcile.ts',
    "=== MALFORMED_ROW ? 'waits' : 'handled'",
    "=== MALFORMED_ROW ? 'handled' : 'handled'",
  ),
  mutant(
    'an end of a silent ledger’s run',
    'reconcile/reconcile.ts',
    "=== MALFORMED_ROW ? 'waits' : 'handled'",
    "=== MALFORMED_ROW ? 'waits' : 'waits'",
  ),
  mutant('an end of a slow run', 'reconcile/reconcile.ts', 'if (!run.hasTime()) return;', ''),
  mutant('an end of waiting for a silent bus', 'reconcile/rotation-schedule.ts', 'slots.close();', ''),
  mutant('ever fewer looks at what is not decided', 'reconcile/reconcile.ts', 'await putOffUndecided(ports, due);', ''),
  mutant(
    'the due row of what is put off',
    'reconcile/put-off.ts',
    "if ((await ledger.noteDue({ intentId, at: new Date(dueAt) })).kind !== 'noted') return;",
    '',
  ),
  mutant(
    'the hour at which what is put off comes again',
    'reconcile/put-off.ts',
    'Math.min(LONGEST_MS, Math.floor(undecidedMs / 2))',
    'undecidedMs',
  ),
  mutant(
    'asking again for a rotation that has to come',
    'reconcile/closed.ts',
    "if (rolled === 'asked') return keepUntil(ports, row, state, now + ASK_AGAIN_MS);",
    '',
  ),
  mutant('the end of a wish whose key is gone', 'reconcile/roll-forward.ts', ' || !isVended(old.row.intent)', ''),
  mutant(
    'a way to the latest rotation that does not grow',
    'reconcile/closed.ts',
    'successor: latest.id }',
    'successor: state.successor }',
  ),
  mutant(
    'telling a long way from a revocation',
    'resume.ts',
    'successor === undefined ? REVOKED : LEDGER_SILENT',
    'REVOKED',
  ),
  mutant(
    'the name of what ended for good after its mint',
    'saga/compensate.ts',
    'await releaseChosenName(ports, closed);',
    'closed;',
  ),
  mutant(
    'the name of what may yet be vended',
    'saga/compensate.ts',
    'closed !== undefined && !PROBLEMS[state.problem.type].transient',
    'closed !== undefined',
  ),
  mutant(
    'a name in a vault that policy left',
    'reconcile/stale.ts',
    'due.claim !== undefined && !isOf(intent, due.claim)',
    'due.claim === row',
  ),
  mutant(
    'telling a conflict from a vault that is not there',
    'saga/store.ts',
    'status === 409 ? SOFT_DELETED : REFUSED',
    'status === 999 ? SOFT_DELETED : REFUSED',
  ),
  mutant('a look at a derived name that was held', 'saga/preflight.ts', ' && !wasSoftDeleted(row)', ''),
  mutant('what is parked, on the list', 'operate/list.ts', '(soon ? FIRST_PARKED : undefined)', 'undefined'),
  mutant(
    'the way past failures, on the list',
    'operate/list.ts',
    '...(soon && { before: new Date(clock.now() + SOON_MS) })',
    '',
  ),
  mutant(
    'ever fewer looks at what a dead worker left',
    'reconcile/put-off.ts',
    '      return state.leaseUntil;',
    '      return undefined;',
  ),
  mutant('putting off a stale due row', 'reconcile/reconcile.ts', 'await putOffStale(ports, due);', ''),
  mutant(
    'one look for all earlier attempts',
    'reconcile/stale.ts',
    'disableVersions(ports, earlier, true)',
    'disableVersions(ports, earlier)',
  ),
  mutant(
    'a name that was taken under the claim of a retry',
    'attempt.ts',
    "return naming === 'chosen' ? claimName(ports, draft) : undefined;",
    'return undefined;',
  ),
  mutant('the name of what an operator closed', 'operate/resolve.ts', 'await releaseChosenName(ports, recorded);', ''),
  mutant('the list beside a row of another version', 'operate/list.ts', ' && read.upstream.code !== MALFORMED_ROW', ''),
  mutant(
    'the count beside a row of another version',
    'reconcile/open-intents.ts',
    ' && read.upstream.code !== MALFORMED_ROW',
    '',
  ),
  mutant(
    'a topic’s silence between two wishes',
    'reconcile/closed.ts',
    'if (sweepAt === undefined && !isAnnounced(ports, row)) return undefined;',
    '',
  ),
  mutant(
    'the end of a rotation that named no key',
    'reconcile/closed.ts',
    "rolled === 'open' && !mayGo",
    "rolled === 'open'",
  ),
  mutant(
    'the end of a lease, not of a pause',
    'saga/compensate.ts',
    'Math.min(row.intent.dueAt - settleMs, state.since + leaseMs)',
    'row.intent.dueAt - settleMs',
  ),
];
