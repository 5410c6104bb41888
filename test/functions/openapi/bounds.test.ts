import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { buildOpenApiDocument } from '../../../src/functions/openapi/document.ts';
import { REQUEST } from '../../vending/world/steps.ts';
import { Client, OPERATOR } from '../http/client.ts';

/*
 * A client that is generated from the document sends what it allows, and no more. So the service has to take every value on
 * the bound, and the first one beyond it is nobody's to send.
 */
const schema = z.looseObject({ minimum: z.number(), maximum: z.number(), pattern: z.string() }).partial();
const parameter = z.looseObject({ name: z.string(), in: z.string(), schema });
const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ parameters: z.array(z.unknown()).optional() }))),
  components: z.object({ parameters: z.record(z.string(), parameter) }),
});
const document = documentSchema.parse(JSON.parse(JSON.stringify(buildOpenApiDocument())));

/** Of a route, by their names. */
function parametersOf(method: string, path: string): ReadonlyMap<string, z.infer<typeof schema>> {
  const listed = document.paths[path]?.[method]?.parameters ?? [];
  const reference = z.object({ $ref: z.string() });
  const found = listed.map((each) => {
    const { data } = reference.safeParse(each);
    return data === undefined
      ? parameter.parse(each)
      : document.components.parameters[data.$ref.split('/').at(-1) ?? ''];
  });
  return new Map(found.flatMap((each) => (each === undefined ? [] : [[each.name, each.schema]])));
}

describe.each([
  ['/v1/credentials', (client: Client, query: Record<string, string>) => client.list(query)],
  ['/v1/operations/credentials', (client: Client, query: Record<string, string>) => client.listOpen(query)],
] as const)('the list of %s', (path, list) => {
  const client = new Client();
  const bounds = parametersOf('get', path);
  beforeAll(() => void client.as(OPERATOR));
  const statusOf = async (query: Record<string, string>): Promise<number> => (await list(client, query)).status;

  it('takes each number of rows that the document allows, and no other', async () => {
    const { minimum = Number.NaN, maximum = Number.NaN } = bounds.get('limit') ?? {};
    const statuses = [minimum - 1, minimum, maximum, maximum + 1].map((limit) => statusOf({ limit: String(limit) }));
    expect(await Promise.all(statuses)).toEqual([400, 200, 200, 400]);
  });

  it('takes a cursor as long as the document allows, and none that is longer', async () => {
    const pattern = new RegExp(bounds.get('cursor')?.pattern ?? '$^');
    for (const cursor of ['', '~', '!'.repeat(300), '!'.repeat(301), 'a b'])
      expect(await statusOf({ cursor }), cursor).toBe(pattern.test(cursor) ? 200 : 400);
  });
});

it.each([
  ['/v1/credentials', (client: Client, key: string) => client.vend({ key, body: { ...REQUEST, validateOnly: true } })],
  ['/v1/credentials/{id}/rotate', (client: Client, key: string) => client.rotate('a'.repeat(26), { key })],
  [
    '/v1/operations/bulk',
    (client: Client, key: string) =>
      client.as(OPERATOR).beginBulk({ key, body: { operation: 'revoke', filter: { cluster: 'lkc-1' }, expect: 0 } }),
  ],
] as const)('an idempotency key for POST %s is as the document says', async (path, ask) => {
  const pattern = new RegExp(parametersOf('post', path).get('Idempotency-Key')?.pattern ?? '$^');
  for (const key of ['!', '~'.repeat(128), '~'.repeat(129), 'a b', 'é'])
    expect((await ask(new Client(), key)).status === 400, key).toBe(!pattern.test(key));
});
