import * as z from 'zod';
import type { Credential } from '../model/credential.ts';
import { targetSchema } from '../model/resources.ts';
import { iso } from '../model/timings.ts';
import { keyVaultReference } from '../secret/naming.ts';

/** What an operation would do. Nothing was minted or written to say so, and by the time it is asked for it may differ. */
export const previewSchema = z
  .strictObject({
    validateOnly: z.literal(true),
    status: z.literal('previewed'),
    operation: z
      .enum(['vend', 'rotate', 'revoke', 'end-overlap', 'resolve'])
      .meta({ description: 'Of a preview: what was asked for.' }),
    id: z.string(),
    effect: z.enum(['mint', 'replay', 'adopt', 'revoke', 'close', 'none']).meta({
      description:
        'Of a preview. `mint`: a key would be minted. `replay`: there is one, it would be answered. `adopt`: the key of the attempt would become current. `revoke`: keys would be deleted. `close`: the attempt would be closed, without a key. `none`: that was done already.',
    }),
    rule: z.string().meta({ description: 'The policy rule that allows it.' }),
    target: targetSchema,
    secret: z.strictObject({ name: z.string(), vaultUrl: z.string(), keyVaultReference: z.string() }),
    expiresOn: z.iso.datetime().exactOptional().meta({ description: 'Of a preview: when the secret would expire.' }),
    previousKeyUntil: z.iso
      .datetime()
      .exactOptional()
      .meta({ description: 'Of the preview of a rotation: when the overlap would end.' }),
  })
  .meta({ description: 'Answer to `validateOnly`.' });

export type Preview = z.infer<typeof previewSchema>;

export type Previewed = Pick<Credential, 'id' | 'target' | 'vaultUrl' | 'secretName'> & {
  readonly grant: Pick<Credential['grant'], 'rule'>;
};

/** Times in milliseconds since the epoch. */
interface PreviewDates {
  readonly expiresOn?: number | undefined;
  readonly previousKeyUntil?: number | undefined;
}

export function previewOf(
  operation: Preview['operation'],
  effect: Preview['effect'],
  { id, grant, target, vaultUrl, secretName: name }: Previewed,
  { expiresOn, previousKeyUntil }: PreviewDates = {},
): Preview {
  return {
    validateOnly: true,
    status: 'previewed',
    operation,
    id,
    effect,
    rule: grant.rule,
    target: { ...target },
    secret: { name, vaultUrl, keyVaultReference: keyVaultReference(vaultUrl, name) },
    ...(expiresOn !== undefined && { expiresOn: iso(expiresOn) }),
    ...(previousKeyUntil !== undefined && { previousKeyUntil: iso(previousKeyUntil) }),
  };
}
