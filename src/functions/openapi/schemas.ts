import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';

/** A schema as zod writes it. */
export interface Schema {
  readonly [keyword: string]: unknown;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly examples?: readonly unknown[];
}

type Writable = z.core.JSONSchema.BaseSchema;

/** For the text of a request, before it is parsed. The service refuses unknown fields and values. */
export const closedSchema = (schema: z.ZodType): Schema => written(schema, tidy);

/** For an answer. It is strict for us, and open for callers: later versions may add fields and values. */
export const openSchema = (schema: z.ZodType): Schema =>
  written(schema, (node) => {
    tidy(node);
    if (node.additionalProperties === false) delete node.additionalProperties;
    if (node.examples !== undefined) delete node.pattern;
    delete node.const;
  });

function written(schema: z.ZodType, override: (node: Writable) => void): Schema {
  const { $schema: _, ...written } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => override(jsonSchema),
  });
  const { oneOf, anyOf = oneOf, ...rest } = written;
  return anyOf === undefined ? (rest as Schema) : { ...flat(anyOf as Schema[]), ...(rest as Schema) };
}

/** Takes away what generated clients act on in ways that nobody wants. */
function tidy(node: Writable): void {
  // They would send it unasked.
  delete node.default;
  // The format says it.
  if (node.format === 'date-time') delete node.pattern;
  if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
  if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
  if (node.type === 'string') withoutEnum(node);
}

/** A client of NSwag fails at a value that its enum does not have, and with System.Text.Json it sends the name of the member. */
function withoutEnum(node: Writable): void {
  const values = node.enum ?? (node.const === undefined ? [] : [node.const]);
  if (values.length === 0) return;
  node.examples = values.map(String);
  node.pattern = patternOf(node.examples);
  delete node.enum;
  delete node.const;
}

const patternOf = (values: readonly unknown[]): string => `^(?:${values.join('|')})$`;

/** One object in the place of several, since clients in C# read `oneOf` as nothing. It requires what all of them require. */
const flat = ([first = {}, ...others]: readonly Schema[]): Schema => others.reduce(merged, first);

/** @throws Error where the two give one field different types */
function merged(a: Schema, b: Schema): Schema {
  if (isDeepStrictEqual(a, b)) return a;
  if (a.type !== b.type) throw new Error(`A field is ${a.type} in one alternative and ${b.type} in another.`);
  return a.type === 'object' ? mergedObject(a, b) : mergedValue(a, b);
}

function mergedObject(a: Schema, b: Schema): Schema {
  const required = a.required?.filter((name) => b.required?.includes(name)) ?? [];
  const properties = { ...a.properties, ...b.properties };
  for (const [name, other] of Object.entries(b.properties ?? {})) {
    const own = a.properties?.[name];
    if (own !== undefined) properties[name] = merged(own, other);
  }
  return { ...b, ...a, properties, required };
}

/** A literal of each alternative is one of several values of the whole. */
function mergedValue(a: Schema, b: Schema): Schema {
  const examples = [...new Set([...(a.examples ?? []), ...(b.examples ?? [])])];
  return {
    ...b,
    ...a,
    ...(examples.length > 0 && { examples }),
    ...(a.pattern !== undefined && examples.length > 0 && { pattern: patternOf(examples) }),
  };
}

/** Named schemas in the place of fields that are written out. Generated code then has one class for them. */
export const linked = (schema: Schema, fields: Readonly<Record<string, Schema>>): Schema => ({
  ...schema,
  properties: { ...schema.properties, ...fields },
});
