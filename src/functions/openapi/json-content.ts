export function json(
  description: string,
  schema: object,
  { headers = {}, ...more }: { headers?: object; examples?: object } = {},
): object {
  return {
    description,
    headers: { 'Cache-Control': { $ref: '#/components/headers/CacheControl' }, ...headers },
    content: { 'application/json': { schema, ...more } },
  };
}
