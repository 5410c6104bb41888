import * as z from 'zod';
import { normalizeVaultUrl, VAULT_URL } from '../../model/resources.ts';
import { expecting } from '../../request/validation.ts';

export const recoverySchema = z
  .strictObject({
    vaultUrl: z
      .string({ error: expecting('a string') })
      .regex(VAULT_URL, 'must look like https://name.vault.azure.net, without a path')
      .transform(normalizeVaultUrl)
      .exactOptional()
      .meta({ description: 'The vault to read: the configured one, or one that a rule of the policy names.' }),
    cursor: z
      .string({ error: expecting('a string') })
      .regex(/^[0-9A-Za-z-]{1,127}$/, 'must be the next of an earlier answer')
      .exactOptional()
      .meta({ description: 'The `next` of the answer before.' }),
    validateOnly: z
      .boolean({ error: 'must be true or false' })
      .exactOptional()
      .meta({ description: 'Says what would be done; nothing is deleted, nothing is written.' }),
  })
  .meta({ description: 'Which vault to read, and from where on.' });

export type RecoveryRequest = z.infer<typeof recoverySchema>;

/** Why a credential whose row is missing stays missing. */
const RECOVERY_REASONS = [
  'no-living-key',
  'version-disabled',
  'forged-tags',
  'tags-unreadable',
  'rule-denied',
  'place-denied',
  'owner-denied',
  'name-taken',
  'row-without-key',
  'unclear',
] as const;
export type RecoveryReason = (typeof RECOVERY_REASONS)[number];

const KEY_PLACES = [
  'current',
  'previous',
  'under-way',
  'superseded',
  'overlapping',
  'deleted',
  'left',
  'gone',
  'forged',
  'unseen',
] as const;
export type KeyPlace = (typeof KEY_PLACES)[number];

const keySchema = z.strictObject({
  apiKeyId: z.string(),
  secretVersion: z.string(),
  enabled: z.boolean(),
  is: z.enum(KEY_PLACES).meta({
    description:
      '`current`, `previous`, `under-way`: the row names it. `superseded`: it lives, is older than current, and is deleted. `overlapping`: the same, and readers may have it until current’s overlap is over: call again then. `deleted`: this run did. `left`: it lives, and the run does not touch it. `gone`: Confluent has no such key. `forged`: the key has not the marker that the tags say. `unseen`: Confluent did not show it.',
  }),
});

const recoveredSecretSchema = z.strictObject({
  secretName: z.string(),
  id: z.string(),
  outcome: z.enum(['inserted', 'known', 'not-inserted']).meta({
    description: '`inserted`: or would be. `known`: the ledger has its row, which stays as it is.',
  }),
  reason: z.enum(RECOVERY_REASONS).exactOptional().meta({ description: 'Why it is not inserted.' }),
  caller: z.string().exactOptional().meta({ description: 'As the tags say. Compare it with the audit trail.' }),
  rule: z.string().exactOptional().meta({ description: 'The rule of the policy that grants it today.' }),
  keys: z.array(keySchema),
  newestIsAnother: z.literal(true).exactOptional().meta({
    description: 'The newest version is not that of current, so readers get another secret. Rotate the credential.',
  }),
});
export type RecoveredSecret = z.infer<typeof recoveredSecretSchema>;

export const recoveryPageSchema = z.strictObject({
  vaultUrl: z.string(),
  validateOnly: z.boolean(),
  looked: z
    .int()
    .meta({ description: 'How many secrets were looked at. Those without tags of this service are not listed.' }),
  secrets: z.array(recoveredSecretSchema),
  unclear: z
    .array(z.string())
    .meta({ description: 'Names of secrets whose versions the vault did not list. Ask again.' }),
  next: z.string().exactOptional().meta({ description: 'Give it back as `cursor` for the rest; absent at the end.' }),
});
export type RecoveryPage = z.infer<typeof recoveryPageSchema>;
