import type { EmulatorRequest } from '../kit/http-service.ts';
import { readChanges } from './batch.ts';
import { MAX_PAGE, type TableOperation } from './operations.ts';

/** Requests that the service refuses, and that Azurite accepts or refuses in another form. Source: "Understanding the Table service data model" and its error codes. */
export type Refusal = readonly [code: string, message: string];

const MAX_CHANGES = 100;
const MAX_PROPERTIES = 252;
const MAX_ENTITY_BYTES = 1024 * 1024;
const EARLIEST_DATE = Date.UTC(1601, 0, 1);
const KEYS: readonly string[] = ['PartitionKey', 'RowKey', 'Timestamp'];

const TABLE_NAME = /^[A-Za-z][A-Za-z0-9]{2,62}$/;

const INVALID_NAME: Refusal = [
  'InvalidResourceName',
  'The specified resource name contains invalid characters or has an invalid length.',
];
const INVALID_INPUT: Refusal = ['InvalidInput', 'One of the request inputs is not valid.'];

/** Undefined: Azurite judges as the service does. */
export function refusalOf(operation: TableOperation, { query, rawQuery, body }: EmulatorRequest): Refusal | undefined {
  if (Number(query.get('$top')) > MAX_PAGE) return INVALID_INPUT;
  // The service reads it as a space, and finds nothing where a plus sign was meant. A client has to escape both.
  if (rawQuery.includes('+')) return INVALID_INPUT;
  if (operation === 'batch') return refusalOfBatch(body);
  if (operation === 'createTable' && !TABLE_NAME.test(String(parse(body.toString()).TableName))) return INVALID_NAME;
  return operation === 'insert' || operation === 'replace' ? refusalOfEntity(parse(body.toString())) : undefined;
}

function refusalOfBatch(body: Buffer): Refusal | undefined {
  const changes = readChanges(body).map(({ partition, json }) => ({ partition, entity: parse(json) }));
  if (changes.length > MAX_CHANGES) return INVALID_INPUT;
  const partitions = changes.map(({ partition, entity }) => partition ?? entity.PartitionKey);
  if (new Set(partitions).size > 1) {
    return ['CommandsInBatchActOnDifferentPartitions', 'All commands in a batch must operate on same entity group.'];
  }
  return changes.map(({ entity }) => refusalOfEntity(entity)).find((refusal) => refusal !== undefined);
}

type Entity = Readonly<Record<string, unknown>>;

function refusalOfEntity(entity: Entity): Refusal | undefined {
  const properties = Object.keys(entity).filter((name) => !name.includes('odata.'));
  if (properties.filter((name) => !KEYS.includes(name)).length > MAX_PROPERTIES) {
    return ['TooManyProperties', 'The entity contains more properties than allowed.'];
  }
  const dates = properties.filter((name) => entity[`${name}@odata.type`] === 'Edm.DateTime');
  if (dates.some((name) => Date.parse(String(entity[name])) < EARLIEST_DATE)) return INVALID_INPUT;
  const bytes = properties.reduce((sum, name) => sum + 8 + 2 * name.length + sizeOf(entity, name), 4);
  return bytes > MAX_ENTITY_BYTES
    ? ['EntityTooLarge', 'The entity is larger than the maximum size permitted.']
    : undefined;
}

/** Text is stored in UTF-16, with four bytes for its length. */
function sizeOf(entity: Entity, name: string): number {
  const value = entity[name];
  if (entity[`${name}@odata.type`] === 'Edm.Binary') return 4 + Buffer.byteLength(String(value), 'base64');
  return typeof value === 'string' ? 4 + 2 * value.length : 8;
}

/** What is no JSON is left to Azurite to refuse. */
function parse(json: string): Entity {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}
