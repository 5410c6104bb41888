import * as z from 'zod';
import { type Credential, namedKeys, statusOf } from './credential.ts';
import { targetSchema } from './resources.ts';
import { iso } from './timings.ts';
import type { UpstreamTrace } from './tracing.ts';
import { TRANSITION_NAMES, type TransitionName } from './transitions.ts';

/** The attempt that is under way says more than the status that callers see. */
const STATES = ['minting', 'minted', 'compensating', 'unknown', 'vended', 'failed', 'revoking', 'revoked'] as const;
type State = (typeof STATES)[number];

const optionalText = () => z.string().exactOptional();
const state = z.enum(STATES);

/** One change of one credential, as the ledger has it. Never a secret: the ledger has none to give. */
export const auditRecordSchema = z
  .strictObject({
    id: z.string().meta({ description: 'Of the commit that it is about. A record may come twice; compare ids.' }),
    at: z.iso.datetime(),
    actor: z.string().meta({ description: '`worker`, `reconciler`, or `operator:` and the operator’s caller id.' }),
    credentialId: z.string(),
    sequence: z.int().meta({
      description:
        'Counts the commits of the credential; order records by it. Bookkeeping has no record: numbers are missing.',
    }),
    change: z.enum(TRANSITION_NAMES),
    attempt: z.int().meta({ description: 'Of the attempt under way, or else of the latest.' }),
    caller: z.string(),
    from: z
      .strictObject({ id: z.string(), state, attempt: z.int() })
      .nullable()
      .meta({ description: 'The commit before, which may be bookkeeping; null for the first.' }),
    state,
    target: targetSchema,
    apiKeyId: optionalText().meta({ description: 'Of the attempt under way, or else the current key.' }),
    previousApiKeyId: optionalText(),
    removedApiKeyIds: z.array(z.string()).exactOptional().meta({ description: 'Keys that the change proved gone.' }),
    vaultUrl: z.string(),
    secretName: z.string(),
    secretId: optionalText().meta({ description: 'The version in Key Vault that is the newest.' }),
    rule: z.string(),
    problem: optionalText(),
    upstream: z
      .strictObject({
        service: z.string(),
        status: z.int().exactOptional(),
        code: optionalText(),
        requestId: optionalText(),
      })
      .exactOptional()
      .meta({ description: 'The upstream answer that led to the change.' }),
    repeated: z.literal(true).exactOptional().meta({
      description: 'The reconciler published it again: the process that made the change may have died first.',
    }),
  })
  .meta({ title: 'Audit record' });

export type AuditRecord = z.infer<typeof auditRecordSchema>;

/** What an operator did to a bulk operation. What it does to each credential has a record of its own. */
export const bulkRecordSchema = z
  .strictObject({
    id: z.string().meta({ description: 'A record may come twice; compare ids.' }),
    at: z.iso.datetime(),
    actor: z.string(),
    bulkId: z.string().meta({ description: 'The actor of what it does ends in `bulk:` and this.' }),
    sequence: z.int().meta({ description: '0 is the start.' }),
    state: z.enum(['running', 'paused', 'cancelled']).meta({ description: 'From now on.' }),
    operation: z.enum(['revoke', 'rotate']),
    filter: z.record(z.string(), z.union([z.string(), z.number()])),
    count: z.int().meta({ description: 'Credentials that the filter named at the start.' }),
    repeated: z.literal(true).exactOptional(),
  })
  .meta({ title: 'Audit record of a bulk operation' });

export type BulkRecord = z.infer<typeof bulkRecordSchema>;

/** What one call of an operator recovered. Each credential that came back, and each key that was deleted, has its own. */
export const recoveryRecordSchema = z
  .strictObject({
    id: z.string(),
    at: z.iso.datetime(),
    actor: z.string(),
    vaultUrl: z.string(),
    after: optionalText().meta({ description: 'The secret after which this call began.' }),
    looked: z.int().meta({ description: 'Secrets of the vault that it looked at.' }),
    inserted: z.int().meta({ description: 'Credentials that the ledger had lost.' }),
    known: z.int(),
    notInserted: z.int(),
    deleted: z.int().meta({ description: 'Keys that no row named.' }),
  })
  .meta({ title: 'Audit record of a recovery' });

/** Everything that the audit trail consists of. */
export const trailRecordSchema = z.union([auditRecordSchema, bulkRecordSchema, recoveryRecordSchema]);
export type TrailRecord = z.infer<typeof trailRecordSchema>;

/** As published. Later versions may add fields, so others are not forbidden. */
export const auditJsonSchema = (): object =>
  z.toJSONSchema(trailRecordSchema, {
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });

/** Takes a record of this version, or one that another version kept. */
export type Audit = (record: TrailRecord | { readonly id: string; readonly repeated: true }) => void;

export interface Change {
  readonly at: number;
  readonly actor: string;
  readonly change: TransitionName;
  readonly before: Credential | undefined;
  readonly after: Credential;
  readonly cause: UpstreamTrace | undefined;
}

export function auditRecordOf({ at, actor, change, before, after, cause }: Change): AuditRecord {
  const { work, current, previous, failure } = after;
  const apiKeyId = work === undefined ? current?.key.id : work.keyId;
  const removed = before === undefined ? [] : namedKeys(before).filter((id) => !namedKeys(after).includes(id));
  const problem = work?.problem ?? (work === undefined ? failure?.problem : undefined);
  return {
    id: after.writeId,
    at: iso(at),
    actor,
    credentialId: after.id,
    sequence: after.sequence,
    change,
    attempt: attemptOf(after),
    caller: after.caller,
    from: before === undefined ? null : { id: before.writeId, state: stateOf(before), attempt: attemptOf(before) },
    state: stateOf(after),
    target: after.target,
    ...(apiKeyId !== undefined && { apiKeyId }),
    ...(previous !== undefined && { previousApiKeyId: previous.keyId }),
    ...(removed.length > 0 && { removedApiKeyIds: removed }),
    vaultUrl: after.vaultUrl,
    secretName: after.secretName,
    ...(current !== undefined && { secretId: current.secret.id }),
    rule: after.grant.rule,
    ...(problem !== undefined && { problem: problem.type }),
    ...(cause !== undefined && { upstream: cause }),
  };
}

const attemptOf = ({ work, attempts }: Credential): number => work?.attempt ?? attempts;

function stateOf(row: Credential): State {
  if (row.work !== undefined) return row.work.phase;
  const status = statusOf(row);
  return status === 'pending' ? 'minting' : status;
}
