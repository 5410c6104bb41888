import { ADAPTER_MUTANTS } from './adapters.ts';
import { HELD_UP_MUTANTS } from './held-up.ts';
import { LIFECYCLE_MUTANTS } from './lifecycle.ts';
import { type Mutant, mutantsOf } from './mutant.ts';
import { OVERTAKEN_MUTANTS } from './overtaken.ts';
import { QUEUE_MUTANTS } from './queue.ts';

const mutant = mutantsOf('src/vending');

export const MUTANTS: readonly Mutant[] = [
  mutant(
    'parking an ambiguous POST',
    'saga/mint.ts',
    'return park(ports, row, upstream);',
    "return nothingMinted(ports, row, problemOf('upstream-unreachable', ''), upstream);",
  ),
  mutant(
    'refusing a retry of an unknown outcome',
    'resume.ts',
    'return failedWith(intent, outcomeUnknown(intent));',
    "return resumption.again(row, { kind: 'failed', problem: CLEANING_UP, retryAt: 0, since: 0 });",
  ),
  mutant(
    'a confirmed claim before the POST',
    'saga/claim.ts',
    "if (result.kind === 'unreachable') return refuse(LEDGER_SILENT);",
    "if (result.kind === 'unreachable') return { kind: 'claimed', row: { intent, etag: '' } as MintingRow };",
  ),
  mutant('the due row before the claim', 'saga/claim.ts', 'await ports.ledger.noteDue(due)', "{ kind: 'noted', due }"),
  mutant(
    'claiming a chosen name',
    'saga/claim.ts',
    "naming === 'chosen' ? await claimName(ports, draft) : undefined",
    'undefined',
  ),
  mutant(
    'compare-and-set',
    'saga/record.ts',
    "if (written.kind === 'written') return",
    "if (written.kind === 'conflict') return { kind: 'recorded', row: { intent, etag: from?.etag ?? '' } };\n  if (written.kind === 'written') return",
  ),
  mutant(
    'recognising our own unanswered write',
    'saga/record.ts',
    'if (read.row.intent.writeId !== intent.writeId) return',
    'if (read.row.intent.writeId !== undefined) return',
  ),
  mutant(
    'looking at what others wrote before a second try',
    'saga/record.ts',
    "if (result.kind !== 'elsewhere' || !permits(result.row.intent)) return result;",
    "if (result.kind !== 'elsewhere') return result;",
  ),
  mutant(
    'the lease',
    'saga/guards.ts',
    'return ports.clock.now() + stepMs + ports.timings.marginMs <= leaseUntil;',
    'return true || leaseUntil;',
  ),
  mutant(
    'compensating in the row before the delete',
    'saga/give-up-key.ts',
    'const result = await recordCompensating(ports, row, key, problem, cause);',
    "const result = { kind: 'unreachable' } as Recorded; void cause;",
  ),
  mutant('compensation', 'saga/give-up-key.ts', 'await compensate(ports, result.row);', 'await Promise.resolve();'),
  mutant(
    'waiting after an ambiguous store',
    'saga/store.ts',
    'return lookForStored(ports, row, held.key);',
    'return abandonStore(ports, row, held.key, REFUSED);',
  ),
  mutant(
    'confirming vended before it is answered',
    'saga/store.ts',
    "if (result.kind === 'unreachable') return failedWith(row.intent, UNCONFIRMED);\n  const { intent }",
    "if (result.kind === 'unreachable') return { kind: 'vended', replayed: false, intent: { ...row.intent, state: { kind: 'vended', key, secret: { id, version } } } };\n  const { intent }",
  ),
  mutant(
    'the rule never to delete once the vault has the secret and the ledger is silent',
    'saga/store.ts',
    "if (result.kind === 'unreachable') return failedWith(row.intent, UNCONFIRMED);\n  const { intent }",
    "if (result.kind === 'unreachable') {\n    await deleteUnstored(ports, row.intent, key);\n    return failedWith(row.intent, UNCONFIRMED);\n  }\n  const { intent }",
  ),
  mutant(
    'proof of a delete',
    'saga/delete-key.ts',
    "if (deleted.kind === 'deleted') return 'gone';",
    "if (deleted.kind !== 'unclear') return 'gone';",
  ),
  mutant("doubting a young key's 404", 'saga/compensate.ts', 'state.since + PROPAGATION_MS', '0 * PROPAGATION_MS'),
  mutant(
    'disabling what a compensated attempt stored',
    'saga/compensate.ts',
    'if (!(await disableVersions(ports, row.intent))) return undefined;',
    '',
  ),
  mutant(
    'telling a failed look-up from "none"',
    'reconcile/recover.ts',
    "if (found.kind === 'unavailable') return { kind: 'unavailable' };",
    "if (found.kind === 'unavailable') return { kind: 'none' };",
  ),
  mutant(
    'asking whether the key lives before it is vended',
    'reconcile/recover.ts',
    'const looked = await ports.confluent.getKey(row.intent.target, named.id);',
    "const looked = { kind: 'found', key: named, upstream: { service: 'arm' } } as Awaited<ReturnType<SagaPorts['confluent']['getKey']>>;",
  ),
  mutant(
    'waiting for lease and settling time',
    'reconcile/reconcile.ts',
    'const before = new Date(ports.clock.now());',
    'const before = new Date(ports.clock.now() + ports.timings.leaseMs + ports.timings.settleMs);',
  ),
  mutant(
    'the sweep of late versions',
    'reconcile/closed.ts',
    'if (sweepAt !== undefined && !(await disableVersions(ports, row.intent))) return undefined;\n  //',
    '//',
  ),
  mutant(
    'parking what is unknown',
    'reconcile/park.ts',
    'return recordOnce(ports, row, { state, dueAt: PARKED_AT });',
    'return { ...row, intent: { ...row.intent, state } } && recordOnce(ports, row, { state });',
  ),
  mutant(
    'the operator’s wait',
    'operate/resolve.ts',
    'if (wait > 0) return',
    'if (wait > Number.MAX_SAFE_INTEGER) return',
  ),
  mutant(
    'the marker’s check',
    'operate/resolve.ts',
    'if (!carriesMarker(looked.key, row.intent)) return',
    'if (!carriesMarker) return',
  ),
  mutant(
    'asking Confluent before "none" is believed',
    'operate/resolve.ts',
    'if (objection !== undefined) return refuse(objection);',
    '',
  ),
  mutant(
    'disabling what a dead key left, before "none" is recorded',
    'operate/resolve.ts',
    'if (!(await disableVersions(ports, row.intent))) return refuse(VAULT_SILENT);',
    '',
  ),
  mutant(
    'the owner’s check',
    'saga/mint.ts',
    'return ownerAllowed(grant, outcome.key.spec.owner?.id)',
    'return ownerAllowed({ rule: grant.rule }, outcome.key.spec.owner?.id)',
  ),
  mutant(
    'comparing the payload',
    'vend.ts',
    'if (requestHash !== hashRequest(command.request)) return',
    'if (requestHash === undefined && hashRequest(command.request)) return',
  ),
  mutant(
    'authorizing a replay again',
    'vend.ts',
    "if (known.kind === 'denied') return failedWith(row.intent, FORBIDDEN);",
    "if (known.kind === 'denied') return { kind: 'admitted', id, grant: asked.grant, target, row };",
  ),
  mutant(
    'the wait that an upstream asked for',
    'vend.ts',
    'if (wait > 0) return failedWith',
    'if (wait > Number.MAX_SAFE_INTEGER) return failedWith',
  ),
  mutant(
    'the finality of a failure that was answered to an event',
    'vend.ts',
    "key.kind !== 'key' && !PROBLEMS[type].transient",
    "key.kind === 'msg' && !PROBLEMS[type].transient",
  ),
  ...OVERTAKEN_MUTANTS,
  ...LIFECYCLE_MUTANTS,
  ...HELD_UP_MUTANTS,
  ...QUEUE_MUTANTS,
  ...ADAPTER_MUTANTS,
];
