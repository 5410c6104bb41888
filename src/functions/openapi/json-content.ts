export const schemaRef = (name: string): object => ({ $ref: `#/components/schemas/${name}` });

export function json(
  description: string,
  schema: object,
  { headers = {}, orCsv = false, ...more }: { headers?: object; examples?: object; orCsv?: boolean } = {},
): object {
  const csv = { 'text/csv': { schema: { type: 'string' } } };
  return {
    description,
    headers: { 'Cache-Control': { $ref: '#/components/headers/CacheControl' }, ...headers },
    content: { 'application/json': { schema, ...more }, ...(orCsv && csv) },
  };
}

const OF_BODIES =
  'At most 16 KiB, with a Content-Length: the host does not pass on a body that is sent in chunks. An explicit null is an absent field.';

export const requestBody = (schema: string, more: { examples?: object } = {}): object => ({
  required: true,
  description: OF_BODIES,
  content: { 'application/json': { schema: schemaRef(schema), ...more } },
});

export const optionalBody = (schema: string): object => ({
  ...requestBody(schema),
  required: false,
  description: `${OF_BODIES} Without a body it is \`{}\`.`,
});
