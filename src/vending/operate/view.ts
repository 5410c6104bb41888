import * as z from 'zod';
import type { Intent } from '../intent.ts';
import { keyIdOf } from '../model/audit.ts';
import { markerOf } from '../model/idempotency.ts';

/** What an operator sees of an intent: enough to find its key in Confluent. */
export const operatorViewSchema = z.strictObject({
  requestId: z.string(),
  state: z.string(),
  attempt: z.int(),
  caller: z.string(),
  createdAt: z.iso.datetime(),
  marker: z.string().meta({ description: 'The last word of the description of the key, if there is one.' }),
  apiKeyId: z.string().exactOptional(),
  organizationName: z.string(),
  environmentId: z.string(),
  clusterId: z.string(),
  vaultUrl: z.string(),
  secretName: z.string(),
  earlierKeys: z.array(z.string()).meta({ description: 'Keys of earlier attempts, all deleted.' }),
  problem: z.string().exactOptional(),
});
export type OperatorView = z.infer<typeof operatorViewSchema>;

export function operatorViewOf(intent: Intent): OperatorView {
  const { state, target } = intent;
  return {
    requestId: intent.id,
    state: state.kind,
    attempt: intent.attempt,
    caller: intent.caller,
    createdAt: new Date(intent.createdAt).toISOString(),
    marker: markerOf(intent.id, intent.attempt),
    ...keyIdOf(state),
    organizationName: target.organizationName,
    environmentId: target.environmentId,
    clusterId: target.clusterId,
    vaultUrl: intent.vaultUrl,
    secretName: intent.secretName,
    earlierKeys: [...intent.earlierKeys],
    ...('problem' in state ? { problem: state.problem.type } : {}),
  };
}
