import { byId, h } from './dom.ts';

/** The parts of OpenAPI 3.1 that this function's document has. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
}
interface Content {
  readonly schema: Schema;
  readonly examples?: Readonly<Record<string, Linked<{ readonly value: unknown }>>>;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}
interface Body {
  readonly description?: string;
  readonly required?: boolean;
  readonly content?: Readonly<Record<string, Content>>;
}
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Linked<Parameter>[];
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Linked<Body>>>;
}
interface OpenApi {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
type Linked<T> = T | { readonly $ref: string };

let contract: OpenApi;

/** @throws Error for a reference to nothing */
function resolved<T>(value: Linked<T>): T {
  if (typeof value !== 'object' || value === null || !('$ref' in value) || typeof value.$ref !== 'string')
    return value as T;
  let found: unknown = contract;
  for (const name of value.$ref.split('/').slice(1)) found = (found as Record<string, unknown> | undefined)?.[name];
  if (found === undefined) throw new Error(`${value.$ref} leads to nothing.`);
  return resolved(found as Linked<T>);
}

const nameOf = ({ $ref = '' }: Schema): string => $ref.split('/').at(-1) ?? '';

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return nameOf(schema);
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  return schema.format ?? schema.type ?? 'any';
}

const row = (name: string, required: boolean, type: string, description: string): HTMLElement =>
  h(
    'tr',
    {},
    h('th', { scope: 'row' }, h('code', {}, name)),
    h('td', {}, required ? `${type}, required` : type),
    h('td', {}, description),
  );

const table = (label: string, rows: readonly HTMLElement[]): HTMLElement =>
  h('table', { class: 'fields', 'aria-label': label }, h('tbody', {}, ...rows));

function fields(schema: Schema): HTMLElement | undefined {
  const { properties, required = [] } = resolved<Schema>(schema);
  if (properties === undefined) return undefined;
  const rows = Object.entries(properties).map(([name, field]) =>
    row(name, required.includes(name), typeOf(field), resolved<Schema>(field).description ?? ''),
  );
  return table('Fields', rows);
}

const examplesOf = ({ examples = {} }: Content): HTMLElement[] =>
  Object.entries(examples).map(([name, example]) =>
    h(
      'details',
      {},
      h('summary', {}, `Example: ${name}`),
      h('pre', {}, JSON.stringify(resolved(example).value, null, 2)),
    ),
  );

const bodyOf = (content: Content): HTMLElement[] => [fields(content.schema) ?? h('span'), ...examplesOf(content)];

function response(status: string, link: Linked<Body>): HTMLElement {
  const { description = '', content = {} } = resolved<Body>(link);
  return h(
    'details',
    {},
    h('summary', {}, h('span', { class: 'status' }, status), ` ${description}`),
    ...Object.values(content).flatMap(bodyOf),
  );
}

function operation(path: string, method: string, { requestBody, ...described }: Operation): HTMLElement {
  const parameters = (described.parameters ?? []).map((link) => resolved<Parameter>(link));
  return h(
    'section',
    { class: 'operation', id: described.operationId },
    h('h3', {}, h('span', { class: 'method' }, method.toUpperCase()), ` ${path}`),
    h('p', {}, `${described.summary}.`),
    described.description !== undefined && h('p', { class: 'hint' }, described.description),
    parameters.length > 0 && h('h4', {}, 'Parameters'),
    parameters.length > 0 &&
      table(
        'Parameters',
        parameters.map((each) =>
          row(each.name, each.required === true, `${each.in}, ${typeOf(each.schema)}`, each.description ?? ''),
        ),
      ),
    requestBody !== undefined && h('h4', {}, 'Body'),
    requestBody?.description !== undefined && h('p', { class: 'hint' }, requestBody.description),
    ...Object.values(requestBody?.content ?? {}).flatMap(bodyOf),
    h('h4', {}, 'Answers'),
    ...Object.entries(described.responses).map(([status, link]) => response(status, link)),
  );
}

function showContract(): void {
  const { info, tags, paths } = contract;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, each]) => ({ path, method, each })),
  );
  byId('about').textContent = `${info.title} ${info.version}`;
  byId('operations').replaceChildren(...operations.map(({ path, method, each }) => operation(path, method, each)));
  for (const { name } of tags) {
    const links = operations
      .filter(({ each }) => each.tags?.includes(name))
      .map(({ each }) => h('a', { href: `#${each.operationId}` }, each.summary));
    byId('index').append(h('h2', {}, name), ...links);
  }
}

const answer = await fetch('/console/openapi.json');
if (answer.ok) {
  contract = (await answer.json()) as OpenApi;
  showContract();
} else
  byId('operations').textContent = 'The function did not answer. Start it again in the console, then reload this page.';
