import * as z from 'zod';
import { type CommandEvent, readEvent, TOO_LARGE } from '../../vending/events/incoming.ts';
import type { SecretVersion } from '../../vending/events/key-vault.ts';
import type { IdempotencyKey } from '../../vending/model/idempotency.ts';
import { type FieldError, type Problem, problemOf, type Result } from '../../vending/model/problems.ts';
import type { ActionableEvent } from '../../vending/ports/messaging.ts';
import { type Operation, parseOperation, writeOperation } from '../../vending/request/operation.ts';

type Minting = Extract<Operation, { operation: 'vend' | 'rotate' }>;
type Ending = Exclude<Operation, Minting>;

/** What a message is about. */
export type Work =
  /** An idempotency key names what makes a key. */
  | { readonly kind: 'mint'; readonly operation: Minting; readonly key: IdempotencyKey }
  | { readonly kind: 'end'; readonly operation: Ending }
  /** A secret is to be looked at now. */
  | { readonly kind: 'look'; readonly secret: SecretVersion };

export type WorkRead = Result<Work>;

const keySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('key'), key: z.string() }),
  z.strictObject({ kind: z.literal('msg'), messageId: z.string() }),
  z.strictObject({ kind: z.literal('ce'), source: z.string(), id: z.string() }),
]);

/** As a retry message carries it. The operation and the data of an event are parsed again. */
export const writtenWorkSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('operation'), key: keySchema.optional(), operation: z.unknown() }),
  /** A command that arrived as an event. */
  z.strictObject({
    kind: z.literal('event'),
    operation: z.enum(['vend', 'rotate', 'revoke', 'end-overlap']),
    source: z.string(),
    id: z.string(),
    data: z.unknown().optional(),
  }),
  /** A command that breaks a rule of its envelope. */
  z.strictObject({
    kind: z.literal('broken'),
    source: z.string(),
    id: z.string(),
    /** Absent where it is too large. */
    event: z.unknown().optional(),
  }),
  z.strictObject({
    kind: z.literal('look'),
    secret: z.strictObject({ vaultUrl: z.string(), secretName: z.string(), version: z.string() }),
  }),
]);

export type WrittenWork = z.infer<typeof writtenWorkSchema>;

export function writeWork(work: Work): WrittenWork {
  switch (work.kind) {
    case 'mint':
      return { kind: 'operation', key: work.key, operation: writeOperation(work.operation) };
    case 'end':
      return { kind: 'operation', operation: writeOperation(work.operation) };
    case 'look':
      return work;
  }
}

export function writeEvent(event: ActionableEvent): WrittenWork {
  switch (event.kind) {
    case 'command':
      return { ...event, kind: 'event' };
    case 'invalid':
      return { kind: 'broken', source: event.source, id: event.id, event: event.sent };
    case 'key-vault': {
      const { vaultUrl, secretName, version } = event;
      return { kind: 'look', secret: { vaultUrl, secretName, version } };
    }
  }
}

export function readWork(written: WrittenWork): WorkRead {
  switch (written.kind) {
    case 'operation':
      return workOf(written.operation, written.key, NO_KEY);
    case 'event':
      return workOfEvent({ ...written, data: written.data });
    case 'broken':
      return invalidMessage(errorsIn(written.event));
    case 'look':
      return { kind: 'valid', value: written };
  }
}

/** They point into the event. Those that were found first may point into a list of them. */
function errorsIn(event: unknown): readonly FieldError[] {
  const read = event === undefined ? undefined : readEvent(event);
  return read?.kind === 'invalid' ? read.errors : TOO_LARGE;
}

/** The data of an event are what a message's body would be. Its type says which operation it is. */
export function workOfEvent({ operation, data, source, id }: Omit<CommandEvent, 'kind'>): WorkRead {
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
  const named = isObject && 'operation' in data ? data.operation : undefined;
  const body = operation !== 'vend' && isObject ? { ...data, operation: named ?? operation } : data;
  const read = workOf(body, { kind: 'ce', source, id }, NO_KEY);
  if (read.kind === 'invalid') return { kind: 'invalid', problem: inData(read.problem) };
  const isSame = read.value.kind !== 'look' && read.value.operation.operation === operation;
  return isSame
    ? read
    : invalidMessage([{ pointer: '/data/operation', detail: 'must be what the type of the event says' }]);
}

/**
 * @param body a vend request, or an operation with its name
 * @param key where the body names none
 * @param noKey what is answered where there is none at all
 */
export function workOf(body: unknown, key: IdempotencyKey | undefined, noKey: Problem): WorkRead {
  const parsed = parseOperation(body);
  if (parsed.kind === 'invalid') return invalidMessage(parsed.errors);
  const { value: operation } = parsed;
  switch (operation.operation) {
    case 'vend':
      return minting(operation, operation.request.idempotencyKey, key, noKey);
    case 'rotate':
      return minting(operation, operation.idempotencyKey, key, noKey);
    case 'revoke':
    case 'end-overlap':
      return { kind: 'valid', value: { kind: 'end', operation } };
  }
}

function minting(
  operation: Minting,
  written: string | undefined,
  given: IdempotencyKey | undefined,
  noKey: Problem,
): WorkRead {
  const key = written === undefined ? given : { kind: 'key' as const, key: written };
  return key === undefined
    ? { kind: 'invalid', problem: noKey }
    : { kind: 'valid', value: { kind: 'mint', operation, key } };
}

export const invalidMessage = (errors: readonly FieldError[]): Extract<WorkRead, { kind: 'invalid' }> => ({
  kind: 'invalid',
  problem: { type: 'invalid-request', detail: 'The message breaks the rules listed in errors.', errors },
});

const inData = ({ errors = [], ...problem }: Problem): Problem => ({
  ...problem,
  errors: errors.map((error) => ('pointer' in error ? { ...error, pointer: `/data${error.pointer}` } : error)),
});

export const NO_KEY = problemOf(
  'idempotency-key-required',
  'Set messageId on the message (1 to 128 printable ASCII characters, no space at either end) or idempotencyKey in its body, the same for every retry of this request.',
);
