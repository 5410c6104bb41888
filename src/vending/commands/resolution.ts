import * as z from 'zod';
import { apiKeyIdField, validateOnlyField } from '../request/validation.ts';

const validateOnly = () => validateOnlyField('nothing is deleted, nothing is written');

const versions = () =>
  z
    .record(
      z.string().regex(/^[0-9A-Fa-f]{1,64}$/),
      z.enum(['attempt', 'other'], { error: 'must be "attempt" or "other"' }),
      { error: ({ code }) => (code === 'invalid_key' ? 'must be the version of a secret' : 'must be a JSON object') },
    )
    .exactOptional()
    .meta({
      description:
        'For each enabled version without tags of this credential: whether it holds the secret of the attempt. If in doubt say `attempt`, and rotate.',
    });

const vaultIsGone = () =>
  z
    .literal(true, { error: 'must be true, or left out' })
    .exactOptional()
    .meta({ description: 'The vault does not exist any more, so it is not asked what it holds.' });

/** An operator's word on a credential that waits for a person. Each is checked as far as it can be. */
export const resolutionSchema = z
  .discriminatedUnion(
    'decision',
    [
      z
        .strictObject({
          decision: z.literal('key'),
          apiKeyId: apiKeyIdField(),
          gone: z.literal(true, { error: 'must be true, or left out' }).exactOptional().meta({
            description:
              'You deleted the key, or saw that it is gone. Only where Confluent does not show it to the service.',
          }),
          versions: versions(),
          vaultIsGone: vaultIsGone(),
          validateOnly: validateOnly(),
        })
        .meta({
          description:
            'The key whose description ends in a marker of this credential. It is adopted if its secret is stored, else deleted.',
        }),
      z
        .strictObject({
          decision: z.literal('none'),
          versions: versions(),
          vaultIsGone: vaultIsGone(),
          validateOnly: validateOnly(),
        })
        .meta({ description: 'You looked in Confluent, and no key carries the marker of the attempt.' }),
      z.strictObject({ decision: z.literal('gone'), apiKeyId: apiKeyIdField(), validateOnly: validateOnly() }).meta({
        description:
          'A key that has to be deleted is gone, and the service cannot see it: Confluent refuses, or the organization is gone.',
      }),
      z
        .strictObject({
          decision: z.literal('nothing-left'),
          vaultIsGone: vaultIsGone(),
          validateOnly: validateOnly(),
        })
        .meta({
          description:
            'Nothing of a revoked credential is left, and the service cannot see it: the vault is gone, or Confluent refuses.',
        }),
      z.strictObject({ decision: z.literal('look') }).meta({ description: 'Review the credential now.' }),
    ],
    { error: 'must be "key", "none", "gone", "nothing-left" or "look"' },
  )
  .meta({ description: 'What an operator says of a credential.' });

export type Resolution = Readonly<z.infer<typeof resolutionSchema>>;
