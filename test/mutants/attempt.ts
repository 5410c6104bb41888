import { type Mutant, mutantsOf } from './mutant.ts';

const mutant = mutantsOf('src/vending/saga');

/** One attempt has one POST, one PUT and one answer, wherever it is cut short or overtaken. */
export const ATTEMPT_MUTANTS: readonly Mutant[] = [
  mutant(
    'a claim of its own before the POST',
    'claimId: string): boolean =>\n  work?.claimId === claimId && ',
    'claimId: string): boolean =>\n  claimId !== "" && work !== undefined && ',
  ),
  mutant(
    'the record that an ambiguous POST leaves',
    'return recordUnknown(ctx, row, work, minted.upstream);',
    "return recordNotMinted(ctx, row, work, { kind: 'not-minted', problem: { type: 'upstream-refused', detail: '' } });",
  ),
  mutant(
    'the look at a revocation before the store',
    'revocation === undefined &&\n  work?.claimId === claimId',
    'work?.claimId === claimId',
  ),
  mutant(
    'discarding a key that was overtaken',
    "if (held.kind === 'overtaken')\n",
    "if (held.kind === 'overtaken' && work.attempt === 0)\n",
  ),
  mutant(
    'waiting after an ambiguous store',
    "    case 'ambiguous':\n      return failedWith(work, UNCONFIRMED);\n    case 'stored':",
    "    case 'ambiguous':\n      return discardKey(ctx, held.row, work, { keyId, problem: UNCONFIRMED });\n    case 'stored':",
  ),
  mutant(
    'confirming vended before it is answered',
    'if (seen === undefined) return failedWith(work, UNCONFIRMED);\n  // The reconciler',
    "if (seen === undefined) return { kind: 'vended', row };\n  // The reconciler",
  ),
  mutant(
    'the rule never to delete because a commit after the store was lost',
    'if (seen === undefined) return failedWith(work, UNCONFIRMED);\n  // The reconciler',
    'if (seen === undefined) {\n    await ctx.confluent.deleteKey(row.credential.target, key.id);\n    return failedWith(work, UNCONFIRMED);\n  }\n  // The reconciler',
  ),
  mutant(
    'compensating in the row before the DELETE',
    "if (seen?.credential.work?.phase !== 'compensating' || seen.credential.work.keyId !== keyId) {",
    'await ctx.confluent.deleteKey(row.credential.target, keyId);\n  if (seen === undefined) {',
  ),
  mutant(
    'the deletion of a key that is not to be used',
    'const compensated = await compensate(ctx, seen, { isOwn: true });',
    "const compensated = { kind: 'open' } as Awaited<ReturnType<typeof compensate>>;",
  ),
  mutant(
    'recognising our own unanswered commit',
    "if (read.kind === 'found' && read.value.writeId === writeId)",
    "if (read.kind === 'found' && read.value.writeId === writeId && outcome.kind === 'conflict' && id === undefined)",
  ),
  mutant(
    'the doubt that one unchanged read leaves',
    "return { kind: 'overtaken', row, mayLand: outcome.kind === 'unreachable' };",
    "return { kind: 'overtaken', row, mayLand: false };",
  ),
  mutant(
    'knowing a conflict from a success',
    "if (outcome.kind === 'committed') return",
    "if (outcome.kind !== 'unreachable') return",
  ),
  mutant(
    'the name that another credential holds',
    "if (holder.kind !== 'found' || holder.value.id !== id) return outcome;",
    "if (holder.kind !== 'found') return outcome;",
  ),
  mutant(
    'the lease before POST and store',
    'clock.now() + stepMs + timings.marginMs <= leaseUntil;',
    'clock.now() + 0 * (stepMs + timings.marginMs) <= leaseUntil + timings.leaseMs * 10;',
  ),
  mutant(
    'the look at a revocation before the POST',
    'row.revocation !== undefined ? REVOKED : leaseCovers',
    'row.revocation === undefined && row.id === "" ? REVOKED : leaseCovers',
  ),
  mutant(
    'knowing an ambiguous POST from one that minted nothing',
    "return { kind: 'ambiguous', upstream };",
    "return { kind: 'not-minted', problem: NOT_SENT, upstream };",
  ),
  mutant(
    "the owner's check",
    'return ownerAllowed(grant, outcome.key.spec.owner?.id)',
    'return ownerAllowed({ ...grant, allowedOwners: ["*"] }, outcome.key.spec.owner?.id ?? "sa-1")',
  ),
  mutant(
    'the look for a store without a clear answer',
    'return lookForStored(ctx, row, work, held.key.id);',
    "return { kind: 'ambiguous' };",
  ),
  mutant(
    "the key that a version's tags name",
    'isTaggedWith(tags, row.id, work) && readTags(tags)?.keyId === keyId,',
    'isTaggedWith(tags, row.id, work) && readTags(tags)?.keyId !== undefined,',
  ),
];
