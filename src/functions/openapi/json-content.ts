export const schemaRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** Examples by name. A test holds each to its schema. */
type Examples = Readonly<Record<string, unknown>>;

const named = (examples: Examples): object =>
  Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }]));

export function json(
  description: string,
  schema: object,
  examples: Examples,
  { headers = {}, orCsv = false }: { headers?: object; orCsv?: boolean } = {},
): object {
  const csv = {
    'text/csv': { schema: { type: 'string' }, example: 'id,status\r\nmfxs2ylqnfwgk3tfobzgk2lton,vended\r\n' },
  };
  return {
    description,
    headers: { 'Cache-Control': { $ref: '#/components/headers/CacheControl' }, ...headers },
    content: { 'application/json': { schema, examples: named(examples) }, ...(orCsv && csv) },
  };
}

const OF_BODIES =
  'At most 16 KiB, with a Content-Length: the host does not pass on a body that is sent in chunks. An explicit null is an absent field.';

export const requestBody = (schema: string, examples: Examples): object => ({
  required: true,
  description: OF_BODIES,
  content: { 'application/json': { schema: schemaRef(schema), examples: named(examples) } },
});

export const optionalBody = (schema: string, examples: Examples): object => ({
  ...requestBody(schema, examples),
  required: false,
  description: `${OF_BODIES} Without a body it is \`{}\`.`,
});
