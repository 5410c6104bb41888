import * as z from 'zod';
import { normalizeVaultUrl, VAULT_URL } from '../model/resources.ts';
import { DAY_MS } from '../model/timings.ts';
import { expecting, parseDuration, validitySchema } from '../request/validation.ts';

/** App Service and Functions cache Key Vault references for 24 hours. */
export const REFERENCE_CACHE_MS = 24 * 3_600_000;
export const DEFAULT_OVERLAP_MS = 25 * 3_600_000;
const DEFAULT_MAX_OVERLAP = 'P30D';
export const DEFAULT_MAX_OVERLAP_MS = 30 * DAY_MS;

const UUID = '[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}';

const matching = (pattern: RegExp, rule: string) =>
  z.string({ error: expecting('a string') }).regex(pattern, `must be ${rule}`);

const listOf = <Item extends z.ZodType>(item: Item) => z.array(item, { error: expecting('a list') });

const patterns = (what: string) =>
  listOf(matching(/^(?:[A-Za-z0-9._()-]+\*?|\*)$/, 'a name, or the beginning of one followed by "*"'))
    .min(1, 'must have at least one entry; "*" stands for any')
    .meta({ description: `${what}. An entry is exact or ends in \`*\`; case makes no difference.` });

const roles = () => listOf(matching(/^[!-~]{1,120}$/, 'an app role: 1 to 120 printable characters without spaces'));

const callersSchema = z
  .strictObject(
    {
      ids: listOf(
        matching(new RegExp(`^(?:entra:${UUID}:${UUID}|events)$`), '"entra:<tenant id>:<object id>" or "events"'),
      )
        .exactOptional()
        .meta({
          description:
            'Callers over HTTP, as `entra:<tenant id>:<object id>`; `events`: CloudEvents that came by the event queue.',
        }),
      roles: roles()
        .exactOptional()
        .meta({ description: "App roles of the service's app registration, case-sensitive." }),
      queues: listOf(matching(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,259}$/, 'the name of a Service Bus queue'))
        .exactOptional()
        .meta({ description: 'Request queues; Service Bus decides who may send to them.' }),
    },
    { error: expecting('an object') },
  )
  .refine(({ ids = [], roles = [], queues = [] }) => ids.length + roles.length + queues.length > 0, {
    error: 'must name at least one id, role or queue',
  })
  .meta({ description: 'Whom the rule is for: any one of the entries is enough.' });

const managersSchema = z
  .strictObject(
    {
      ids: listOf(matching(new RegExp(`^entra:${UUID}:${UUID}$`), '"entra:<tenant id>:<object id>"')).exactOptional(),
      roles: roles().exactOptional(),
    },
    { error: expecting('an object') },
  )
  .refine(({ ids = [], roles = [] }) => ids.length + roles.length > 0, { error: 'must name at least one id or role' })
  .meta({
    description:
      'Who besides the caller may read, list, rotate, end the overlap of and revoke what this rule granted, over HTTP.',
  });

const flag = (description: string) =>
  z
    .boolean({ error: expecting('true or false') })
    .exactOptional()
    .meta({ description });

const ruleSchema = z
  .strictObject(
    {
      name: matching(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/, '1 to 64 letters, digits, " ", ".", "_" or "-"').meta({
        description:
          'Names the rule in logs and in every credential that it granted; no two rules have the same. Do not rename a rule: unasked rotations of its credentials stop.',
      }),
      callers: callersSchema,
      managers: managersSchema.exactOptional(),
      subscriptions: patterns('Azure subscriptions. Left out: any').exactOptional(),
      resourceGroups: patterns('Resource groups. Left out: any').exactOptional(),
      organizations: patterns('Confluent organizations, by resource name'),
      environments: patterns('Confluent environments'),
      clusters: patterns('Kafka and Schema Registry clusters'),
      vaultUrl: matching(VAULT_URL, 'the URL of a vault, such as https://payments.vault.azure.net, without a path')
        .overwrite(normalizeVaultUrl)
        .exactOptional()
        .meta({ description: 'The vault that takes the secrets. Left out: the configured one.' }),
      secretNamePrefix: matching(
        /^(?![Cc][Kk]-)[0-9A-Za-z-]{1,64}$/,
        '1 to 64 letters, digits or "-", not beginning "ck-"',
      )
        .exactOptional()
        .meta({
          description: 'What names chosen by the caller must begin with. Left out: callers may not choose names.',
        }),
      maxValidFor: validitySchema.exactOptional().meta({
        description: 'ISO 8601 duration. Requests for longer are refused; requests that name none get this one.',
      }),
      allowedOwners: patterns('Owners that Confluent may answer with, such as `sa-*`. Left out: any').exactOptional(),
      rotateEvery: validitySchema.exactOptional().meta({
        description: 'ISO 8601 duration, longer than the overlap. Keys vended under this rule are rotated unasked.',
      }),
      overlap: validitySchema.exactOptional().meta({
        description: 'ISO 8601 duration: how long the old key lives on after a rotation. Default: PT25H.',
      }),
      maxOverlap: validitySchema.exactOptional().meta({
        description: `ISO 8601 duration: the longest overlap that a request may ask for. Default: ${DEFAULT_MAX_OVERLAP}.`,
      }),
      allowShortOverlap: flag('Lets an overlap be shorter than PT24H, for consumers that do not cache references.'),
      revokeAtExpiry: flag(
        'Credentials are revoked when their secret expires. Left out: an event tells of the expiry, nothing else happens.',
      ),
    },
    { error: expecting('an object') },
  )
  .superRefine(validateRotationInterval);

function validateRotationInterval(
  {
    rotateEvery,
    overlap,
    maxOverlap = DEFAULT_MAX_OVERLAP,
    allowShortOverlap,
  }: { rotateEvery?: string; overlap?: string; maxOverlap?: string; allowShortOverlap?: boolean },
  context: z.RefinementCtx,
): void {
  const overlapMs = overlap === undefined ? DEFAULT_OVERLAP_MS : (parseDuration(overlap) ?? 0);
  const refuse = (field: string, message: string): void => context.addIssue({ code: 'custom', path: [field], message });
  if (overlapMs < REFERENCE_CACHE_MS && allowShortOverlap !== true)
    refuse('overlap', 'must be at least PT24H unless allowShortOverlap is true: references are cached that long');
  if ((parseDuration(maxOverlap) ?? 0) < overlapMs) refuse('maxOverlap', 'must not be shorter than the overlap');
  if (rotateEvery !== undefined && (parseDuration(rotateEvery) ?? 0) <= overlapMs)
    refuse('rotateEvery', 'must be longer than the overlap');
}

function refuseDuplicateNames(rules: readonly { readonly name: string }[], context: z.RefinementCtx): void {
  const names = rules.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index)
      context.addIssue({ code: 'custom', path: [index, 'name'], message: 'is taken by another rule' });
  }
}

/** Who may ask for what. The first rule that matches both caller and target decides; without one the answer is no. */
export const policySchema = z
  .strictObject(
    {
      $schema: z.string({ error: expecting('a string') }).exactOptional(),
      rules: listOf(ruleSchema).superRefine(refuseDuplicateNames),
    },
    { error: 'must be a JSON object' },
  )
  .meta({
    title: 'Policy of the Confluent API key vending function',
    description: 'Who may ask for what. The first rule that matches decides; where none does, the request is refused.',
  });

export type Policy = z.infer<typeof policySchema>;
export type PolicyRule = Policy['rules'][number];

/** The published JSON Schema, for editors. */
export function policyJsonSchema(): object {
  return z.toJSONSchema(policySchema, { io: 'input' });
}
