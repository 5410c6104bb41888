import { type Mutant, mutantsOf } from './mutant.ts';

const mutant = mutantsOf('src/vending/commands');

/** Requests are authorized and repeatable, and an operator's word is checked. */
export const COMMAND_MUTANTS: readonly Mutant[] = [
  mutant('comparing the payload', 'if (row.requestHash !== hashRequest(request)) return refuse(REUSED);', ''),
  mutant(
    'authorizing a replay again',
    "if (decide(settings.policy, caller, row.target).kind === 'denied') return refuse(FORBIDDEN);",
    '',
  ),
  mutant('the end of a revoked credential', 'if (row.revocation !== undefined) return refuse(REVOKED);', ''),
  mutant(
    'refusing a retry of an unknown outcome',
    "    case 'unknown':\n      return refuse(outcomeUnknown(markerOf(row.id, row.work)));",
    "    case 'unknown':\n      return planAttempt(settings, command, row.target, row, now);",
  ),
  mutant(
    'the finality of a failure that was answered to a message',
    "type === 'owner-not-allowed' || (key.kind !== 'key' && !PROBLEMS[type].transient);",
    "type === 'owner-not-allowed' || (key.kind === 'ce' && !PROBLEMS[type].transient);",
  ),
  mutant(
    'the pause of minting',
    "if (settings.mode !== 'normal') return refuse(PAUSED);\n  const place",
    '  const place',
  ),
  mutant(
    'the answer of a worker whose own claim may still land',
    'return result.mayClaim\n',
    'return result.kind !== undefined\n',
  ),
  mutant(
    'the proof that the vault takes writes before anything is minted',
    "if (writable.kind === 'writable') return undefined;",
    'if (writable !== undefined) return undefined;',
  ),
  mutant(
    'the look whether a chosen name is in use',
    'isChosen || row?.failure?.problem.type === SOFT_DELETED.type;',
    'row?.failure?.problem.type === SOFT_DELETED.type && isChosen;',
  ),
  mutant(
    'the key that a rotation says it replaces',
    'if (replaces !== undefined && replaces !== current.key.id) return alreadyRotated(current.key.id);',
    '',
  ),
  mutant(
    'the overlap of the rotation before',
    'return previous === undefined ? undefined : tooSoon(previous.revokeAt, now);',
    'return previous === undefined || now > 0 ? undefined : tooSoon(previous.revokeAt, now);',
  ),
  mutant(
    'the rule that still has to grant a rotation',
    "if (granted.kind === 'granted') return granted;",
    "if (granted.kind === 'granted' || granted.for === 'rule') return { grant: { minOverlapMs: 0, maxOverlapMs: 1e12, ...row.grant } };",
  ),
  mutant(
    'the rotation that was asked for before',
    '(await replayOf(ctx, command, row)) ?? failed(problem, command.id);',
    'failed(problem, command.id) ?? (await replayOf(ctx, command, row));',
  ),
  mutant(
    'the terms of a repeated rotation',
    'if (request.value.requestHash !== requestHash) return failed(REUSED, id);',
    '',
  ),
  mutant('what a rotation made, beside what was only claimed', "if (outcome !== 'vended') return undefined;", ''),
  mutant(
    'the name of the overlap that is ended',
    "if (credential.previous?.keyId === apiKeyId) return { kind: 'previous', row } as const;",
    "if (credential.previous !== undefined) return { kind: 'previous', row } as const;",
  ),
  mutant(
    'the revocation in the row before anything is deleted',
    'const recorded = await commitWhileAllowed(ctx, row, TRANSITIONS.revoke, { by: nameOf(authority) });',
    'await ctx.confluent.deleteKey(row.credential.target, row.credential.current?.key.id ?? "");\n  const recorded = await commitWhileAllowed(ctx, row, TRANSITIONS.revoke, { by: nameOf(authority) });',
  ),
  mutant(
    'the secrecy of what belongs to others',
    'mayActOn(policy, authority, read.row.credential)',
    '(mayActOn(policy, authority, read.row.credential) || policy !== undefined)',
  ),
  mutant(
    "the operator's wait",
    'if (keysAreOld(row, undefined, { now, timings })) return undefined;',
    'if (keysAreOld(row, undefined, { now: now + timings.leaseMs * 10, timings })) return undefined;',
  ),
  mutant(
    'the marker of a key that an operator names',
    'if (marker === undefined || marker.id !== row.id) return refuse(NOT_OURS);',
    'if (marker === undefined) return refuse(NOT_OURS);',
  ),
  mutant(
    'the doubt about "none" while a key is known',
    'if (known !== undefined) return refuse(keyIsKnown(known));',
    '',
  ),
  mutant(
    "the operator's word on each version without tags",
    'const silent = nobodys.filter(({ version }) => says[version] === undefined);',
    'const silent = nobodys.filter(({ version }) => says[version] === version);',
  ),
  mutant(
    'keeping a key whose version readers get',
    'if ((isRead || isSaidToBeRead) && row.revocation === undefined) return refuse(READ_BY_CONSUMERS);',
    '',
  ),
  mutant(
    'adopting a key whose secret is stored',
    'if (stored.secret !== undefined && row.revocation === undefined)\n',
    'if (stored.secret !== undefined && row.id === "")\n',
  ),
  mutant(
    'refusing a third key while the deletion of the first is not proven',
    'return previous === undefined ? undefined : tooSoon(previous.revokeAt, now);',
    'return previous === undefined || previous.revokeAt <= now ? undefined : tooSoon(previous.revokeAt, now);',
  ),
];
