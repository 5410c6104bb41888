import { createHash } from 'node:crypto';
import * as z from 'zod';
import { credentialSchema, timeSchema } from './credential.ts';
import { iso } from './timings.ts';

const id = z.string();
const text = () => z.string().exactOptional();
/** `unreadableSince`: since when this version cannot read the credential. */
const due = z.strictObject({ id, at: timeSchema, unreadableSince: timeSchema.exactOptional() });
/** `body`: JSON, ready to be published. `part`: 0, or the number of the event among those of one commit. */
const pending = z.strictObject({ id, at: timeSchema, sequence: z.int(), part: z.int(), body: z.string() });

/**
 * Every kind of row. All of them stand in one partition, so that one transaction writes what belongs together. A row's
 * key begins with its kind, and rows of a kind sort by what follows.
 */
export const ROW_SCHEMAS = {
  /** The truth about one credential. */
  credential: credentialSchema,
  /** Dates of reviews, in the order in which they fall due. */
  due,
  /** The same, where a credential only has to be forgotten, or a bulk operation. */
  prune: due,
  /** Credentials that wait for a person. */
  open: z.strictObject({ id, since: timeSchema, reason: z.string() }),
  /** Whose a secret name is. */
  name: z.strictObject({ vaultUrl: z.string(), secretName: z.string(), id }),
  /** Whose a key is. A key that was deleted keeps its row as long as its credential has one. */
  key: z.strictObject({
    apiKeyId: z.string(),
    id,
    attempt: z.int(),
    /** Since when it is proven gone, where the step after that failed. */
    goneAt: timeSchema.exactOptional(),
  }),
  /** A rotation that was asked for: its request key, and the attempt that was claimed for it. */
  rotation: z.strictObject({
    id,
    requestKey: z.string(),
    attempt: z.int(),
    /** Absent from a row of 0.3.0. */
    nonce: text(),
    requestHash: z.string(),
  }),
  /** The history of a credential. */
  attempt: z.strictObject({
    id,
    attempt: z.int(),
    nonce: z.string(),
    purpose: z.enum(['vend', 'rotate']),
    claimedAt: timeSchema,
    /** `vended`: its key was current once. */
    outcome: z.enum(['open', 'vended', 'failed']),
    endedAt: timeSchema.exactOptional(),
    apiKeyId: text(),
    secretVersion: text(),
    problem: text(),
  }),
  /** The credentials of one caller, oldest first. */
  caller: z.strictObject({ caller: z.string(), createdAt: timeSchema, id }),
  /** An operator's request about many credentials. It is never changed, but for the end of `preparing`. */
  bulk: z.strictObject({
    id,
    operation: z.enum(['revoke', 'rotate']),
    filter: z.record(z.string(), z.union([z.string(), z.number()])),
    by: z.string(),
    createdAt: timeSchema,
    count: z.int(),
    /** Names the call that inserted the row: a starter recognizes its own unanswered insert by it. */
    startId: z.string(),
    /** Its members are being written. Nothing is done yet. */
    preparing: z.literal(true).exactOptional(),
  }),
  /** A pause, a resumption or the cancellation of a bulk operation. The last one counts. Each number is inserted once. */
  bulkchange: z.strictObject({
    bulk: z.string(),
    number: z.int(),
    state: z.enum(['running', 'paused', 'cancelled']),
    by: z.string(),
    at: timeSchema,
  }),
  /** A bulk operation whose members are not all marked yet. `from`: where the next run begins. */
  marking: z.strictObject({ id, from: text() }),
  /** A credential that a bulk operation is about, and the current key that it had. */
  member: z.strictObject({ bulk: z.string(), id, apiKeyId: text() }),
  /** An audit record that was committed with its change, until it is known to be in the log. */
  audit: pending,
  /** An event for the topic, likewise. */
  event: pending,
} as const;

export type RowKind = keyof typeof ROW_SCHEMAS;
export type RowOf<Kind extends RowKind> = Readonly<z.infer<(typeof ROW_SCHEMAS)[Kind]>>;

/** The parts of a row's key after its kind. */
const KEY_PARTS: { readonly [Kind in RowKind]: (value: RowOf<Kind>) => readonly string[] } = {
  credential: ({ id }) => [id],
  due: ({ at, id }) => [iso(at), id],
  prune: ({ at, id }) => [iso(at), id],
  open: ({ since, id }) => [iso(since), id],
  name: nameKey,
  key: ({ apiKeyId }) => [apiKeyId],
  rotation: ({ id, requestKey }) => [id, requestKey],
  attempt: attemptKey,
  caller: ({ caller, createdAt, id }) => [callerHash(caller), iso(createdAt), id],
  bulk: ({ id }) => [id],
  bulkchange: ({ bulk, number }) => [bulk, padded(number)],
  marking: ({ id }) => [id],
  member: ({ bulk, id }) => [bulk, id],
  audit: ({ at, id, sequence, part }) => [iso(at), id, padded(sequence), String(part)],
  event: ({ at, id, sequence, part }) => [iso(at), id, padded(sequence), String(part)],
};

/** The parts of the key of an attempt's row. After a restore from an older copy a number may come twice. A nonce does not. */
export function attemptKey(of: Pick<RowOf<'rotation'>, 'id' | 'attempt' | 'nonce'>): readonly string[] {
  const { id, attempt, nonce } = of;
  return nonce === undefined ? [id, padded(attempt)] : [id, padded(attempt), nonce];
}

/** Whether a row stands under this key. 0.3.0 wrote an attempt without its nonce in the key. */
export function isKeyOf<Kind extends RowKind>(kind: Kind, value: RowOf<Kind>, key: string): boolean {
  const made = ROW_SCHEMAS.attempt.safeParse(value).data;
  const old = made === undefined ? undefined : rowKey('attempt', ...attemptKey({ id: made.id, attempt: made.attempt }));
  return rowOf(kind, value).key === key || old === key;
}

/** The key of a name row. Key Vault's names ignore case. */
export function nameKey({ vaultUrl, secretName }: Omit<RowOf<'name'>, 'id'>): readonly [host: string, name: string] {
  return [new URL(vaultUrl).host.toLowerCase(), secretName.toLowerCase()];
}

/** One row to write. */
export interface Row {
  readonly kind: RowKind;
  readonly key: string;
  readonly value: RowOf<RowKind>;
}

export const rowOf = <Kind extends RowKind>(kind: Kind, value: RowOf<Kind>): Row => ({
  kind,
  key: rowKey(kind, ...KEY_PARTS[kind](value)),
  value,
});

export const rowKey = (kind: RowKind, ...parts: readonly string[]): string => [kind, ...parts].join('_');

export const padded = (count: number): string => String(count).padStart(9, '0');

/** A caller's id has characters that a row key may not have. */
export const callerHash = (caller: string): string => createHash('sha256').update(caller).digest('hex').slice(0, 32);
