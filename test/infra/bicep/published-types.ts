import { readdirSync, readFileSync } from 'node:fs';

/**
 * A property is written `string`, `int`, `bool`, `any`, `Name` of another shape, `'a' | 'b'` (closed), `'a' | string`
 * (open), each perhaps with `[]`; before it `!` where it is required and `=` where it is read-only.
 */
export interface ObjectShape {
  properties: Record<string, string>;
  /** The type of properties of any other name. */
  rest?: string;
  /** The property that tells which of `cases` holds. */
  by?: string;
  cases?: Record<string, string>[];
}

export interface PublishedType {
  /** `Microsoft.KeyVault/vaults@2024-11-01` */
  readonly type: string;
  readonly types: Readonly<Record<string, ObjectShape>>;
}

const FOLDER = `${import.meta.dirname}/types`;

/** By lower-case `type@version`. */
export function readPublishedTypes(): ReadonlyMap<string, PublishedType> {
  const all = readdirSync(FOLDER).map((file) => JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as PublishedType);
  return new Map(all.map((published) => [published.type.toLowerCase(), published]));
}
