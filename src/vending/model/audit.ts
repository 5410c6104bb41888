import * as z from 'zod';
import { INTENT_STATES, type Intent, type IntentState } from '../intent.ts';
import { targetSchema } from './target.ts';
import type { UpstreamTrace } from './upstream.ts';

const stateKind = z.enum(INTENT_STATES);
const optionalText = () => z.string().exactOptional();

/** One change of state of one intent, confirmed in the ledger. Never a secret: the ledger has none to give. */
export const auditRecordSchema = z
  .strictObject({
    id: z.string().meta({ description: 'Of the write that it tells of. A record may come twice; ids tell.' }),
    at: z.iso.datetime(),
    actor: z.string().meta({ description: '`worker`, `reconciler`, or `operator:` and the operator’s caller id.' }),
    requestId: z.string(),
    attempt: z.int(),
    caller: z.string(),
    from: z
      .strictObject({ id: z.string(), state: stateKind, attempt: z.int(), apiKeyId: optionalText() })
      .nullable()
      .meta({
        description:
          'The change before, so that one whose record was lost to a crash or a silent ledger is still known.',
      }),
    state: stateKind,
    target: targetSchema,
    apiKeyId: optionalText(),
    vaultUrl: z.string(),
    secretName: z.string(),
    secretId: optionalText().meta({ description: 'The version in Key Vault, once there is one.' }),
    supersedes: optionalText().meta({ description: 'Of a rotation: the request whose key it replaces.' }),
    successor: optionalText().meta({ description: 'The request of the rotation that replaced the key.' }),
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
  })
  .meta({ title: 'Audit record' });

export type AuditRecord = z.infer<typeof auditRecordSchema>;
export type Audit = (record: AuditRecord) => void;

export interface Change {
  readonly at: number;
  readonly actor: string;
  readonly before: Intent | undefined;
  readonly after: Intent;
  readonly cause: UpstreamTrace | undefined;
}

export function auditRecordOf({ at, actor, before, after, cause }: Change): AuditRecord {
  const { state } = after;
  return {
    id: after.writeId,
    at: new Date(at).toISOString(),
    actor,
    requestId: after.id,
    attempt: after.attempt,
    caller: after.caller,
    from: before === undefined ? null : summaryOf(before),
    state: state.kind,
    target: after.target,
    ...keyIdOf(state),
    vaultUrl: after.vaultUrl,
    secretName: after.secretName,
    ...('secret' in state ? { secretId: state.secret.id } : {}),
    ...(after.supersedes === undefined ? {} : { supersedes: after.supersedes.intentId }),
    ...('successor' in state && state.successor !== undefined ? { successor: state.successor } : {}),
    ...('problem' in state ? { problem: state.problem.type } : {}),
    ...(cause === undefined ? {} : { upstream: cause }),
  };
}

const summaryOf = ({ writeId, state, attempt }: Intent): NonNullable<AuditRecord['from']> => ({
  id: writeId,
  state: state.kind,
  attempt,
  ...keyIdOf(state),
});

export function keyIdOf(state: IntentState): { apiKeyId?: string } {
  if ('key' in state) return { apiKeyId: state.key.id };
  return state.kind === 'unknown' && state.keyId !== undefined ? { apiKeyId: state.keyId } : {};
}
