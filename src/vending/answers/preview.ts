import * as z from 'zod';
import type { Intent } from '../intent.ts';
import { PROBLEMS, type Problem } from '../model/problems.ts';
import { targetSchema } from '../model/target.ts';
import { outcomeUnknown } from '../saga/mint.ts';
import { problemOf, type VendOutcome } from '../saga/outcome.ts';
import { keyVaultReference } from './result.ts';

/** What an operation would do. Nothing was minted or written to say so, and by the time it is asked for it may differ. */
export const previewSchema = z
  .strictObject({
    validateOnly: z.literal(true),
    operation: z.enum(['vend', 'rotate', 'revoke', 'resolve']),
    requestId: z.string(),
    effect: z.enum(['mint', 'replay', 'revoke', 'close', 'none']).meta({
      description:
        '`mint`: a key would be minted. `replay`: there is one, it would be answered. `revoke`: the key would be deleted. `close`: the request would be closed, without a key. `none`: that was done already.',
    }),
    rule: z.string().meta({ description: 'The policy rule that allows it.' }),
    target: targetSchema,
    secret: z.strictObject({ name: z.string(), vaultUrl: z.string(), keyVaultReference: z.string() }),
    expiresOn: z.string().exactOptional().meta({ format: 'date-time' }),
    oldKeyUntil: z.iso.datetime().exactOptional().meta({ description: 'Of a rotation: when the overlap would end.' }),
  })
  .meta({ description: 'Answer to `validateOnly`.' });

export type Preview = z.infer<typeof previewSchema>;
export type PreviewOutcome =
  | { readonly kind: 'previewed'; readonly preview: Preview }
  | Extract<VendOutcome, { kind: 'problem' }>;

export type Previewed = Pick<Intent, 'id' | 'rule' | 'target' | 'vaultUrl' | 'secretName'> &
  Partial<Pick<Intent, 'expiresOn'>>;

export function previewOf(
  operation: Preview['operation'],
  effect: Preview['effect'],
  { id: requestId, rule, target, vaultUrl, secretName: name, expiresOn }: Previewed,
  oldKeyUntil?: number,
): Extract<PreviewOutcome, { kind: 'previewed' }> {
  const secret = { name, vaultUrl, keyVaultReference: keyVaultReference(vaultUrl, name) };
  return {
    kind: 'previewed',
    preview: {
      validateOnly: true,
      operation,
      requestId,
      effect,
      rule,
      target: { ...target },
      secret,
      ...(expiresOn === undefined ? {} : { expiresOn }),
      ...(oldKeyUntil === undefined ? {} : { oldKeyUntil: new Date(oldKeyUntil).toISOString() }),
    },
  };
}

/** Where a request that the ledger knows stands, without moving it on: a problem, or what it would come to. */
export function standingOf(intent: Intent): 'replay' | 'again' | Problem {
  switch (intent.state.kind) {
    case 'vended':
    case 'superseded':
      return 'replay';
    case 'failed':
      return 'again';
    case 'unknown':
      return outcomeUnknown(intent);
    case 'revoking':
    case 'revoked':
      return intent.state.successor === undefined ? GONE : 'replay';
    case 'minting':
    case 'minted':
    case 'compensating':
      return IN_PROGRESS;
  }
}

const GONE = problemOf('revoked', PROBLEMS.revoked.title);
const IN_PROGRESS = problemOf('request-in-progress', 'This request is being worked on; ask again.', 2_000);
