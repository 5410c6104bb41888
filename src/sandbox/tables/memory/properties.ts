import { invalidInput, notImplemented, propertyValueTooLarge } from './table-error.ts';

/** A property as it is answered. */
export interface Property {
  readonly name: string;
  /** JSON. */
  readonly value: string;
  /** The EDM type, where JSON does not tell it. */
  readonly type?: AnnotatedType;
}

const ANNOTATED_TYPES = ['Edm.DateTime', 'Edm.Int64', 'Edm.Binary'] as const;
type AnnotatedType = (typeof ANNOTATED_TYPES)[number];

const ANNOTATION = '@odata.type';
/** Keys come from elsewhere; `odata.etag` is what a client read, and no property. */
const LEFT_OUT: ReadonlySet<string> = new Set(['PartitionKey', 'RowKey', 'odata.etag']);
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,254}$/;
const MAX_CHARACTERS = 32 * 1024;
const MAX_BINARY_BYTES = 64 * 1024;

export type JsonObject = Readonly<Record<string, unknown>>;

/** The properties of an entity, in the order in which they were sent. @throws TableError */
export function propertiesOf(body: JsonObject): readonly Property[] {
  const names = Object.keys(body).filter((name) => !LEFT_OUT.has(name) && !name.endsWith(ANNOTATION));
  const properties = names.map((name) => propertyOf(name, body[name], body[`${name}${ANNOTATION}`]));
  return properties.filter((property) => property !== undefined);
}

/** @throws TableError */
export function checkSizes(body: JsonObject): void {
  for (const [name, value] of Object.entries(body)) {
    if (typeof value !== 'string') continue;
    const isBinary = body[`${name}${ANNOTATION}`] === 'Edm.Binary';
    if (isBinary ? Buffer.from(value, 'base64').length > MAX_BINARY_BYTES : value.length > MAX_CHARACTERS) {
      throw propertyValueTooLarge();
    }
  }
}

/** Nothing where the value is null: there is no such property then. */
function propertyOf(name: string, value: unknown, type: unknown): Property | undefined {
  // What every object has is no property to Azurite, and a time of the client's is not the service's.
  if (!NAME.test(name) || name in Object.prototype || name === 'Timestamp') throw notImplemented(`property ${name}`);
  if (type !== undefined) return { name, value: annotatedValue(value, type), type: annotatedType(type) };
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'number':
      return { name, value: JSON.stringify(value) };
    default:
      if (value === null) return undefined;
      throw invalidInput();
  }
}

function annotatedType(type: unknown): AnnotatedType {
  const found = ANNOTATED_TYPES.find((known) => known === type);
  if (found === undefined) throw notImplemented(`a property of type ${String(type)}`);
  return found;
}

function annotatedValue(value: unknown, type: unknown): string {
  const isWhole = type !== 'Edm.DateTime' || String(value).endsWith('Z');
  if (typeof value !== 'string' || !isWhole) throw notImplemented(`such a value of type ${String(type)}`);
  return JSON.stringify(value);
}
