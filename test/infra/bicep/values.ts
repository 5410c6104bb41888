import { modulesOf, objectIn, outputsOf, parametersOf, resourcesOf, variablesOf } from './document.ts';
import { childrenOf, literalOf, type Node, ofType, propertiesOf } from './syntax.ts';

/**
 * What a file says, as its text says it: `queue.properties.lockDuration` is `'PT3M'`. Objects in a
 * list go by their name, or their place. A parameter is its default, with its decorators but for the description.
 */
export function valuesOf(root: Node): ReadonlyMap<string, string> {
  const values = [
    ...parametersOf(root).map(
      ({ name, value, decorators }) =>
        [name, [value === undefined ? '-' : textOf(value), ...decorators.filter(isLimit)].join(' ')] as const,
    ),
    ...variablesOf(root).flatMap(({ name, value }) => (value === undefined ? [] : [...leavesOf(name, value)])),
    ...outputsOf(root).map(({ name, value }) => [`output ${name}`, value === undefined ? '-' : textOf(value)] as const),
    ...[...resourcesOf(root), ...modulesOf(root)].flatMap(({ name, node, value }) => [
      ...conditionOf(name, value),
      ...leavesOf(name, objectIn(value) ?? node),
    ]),
  ];
  return new Map(values);
}

const isLimit = (decorator: string): boolean => !/^@?description\(/.test(decorator);

/** On one line, as the formatter would write it if the line were long enough. */
const textOf = (node: Node): string => node.text.replaceAll(/^ *\/\/.*$/gm, '').replaceAll(/\s+/g, ' ');

function* conditionOf(name: string, value: Node | undefined): Generator<readonly [string, string]> {
  if (value?.type === 'for_statement') yield* conditionOf(name, childrenOf(value).at(-1));
  const [condition] = value?.type === 'if_statement' ? ofType(value, 'parenthesized_expression') : [];
  if (condition !== undefined) yield [`${name} if`, textOf(condition)];
}

function* leavesOf(path: string, value: Node): Generator<readonly [string, string]> {
  const parts = partsOf(path, value);
  if (parts.length === 0) yield [path, textOf(value)];
  for (const [part, node] of parts) yield* leavesOf(part, node);
}

function partsOf(path: string, value: Node): readonly (readonly [string, Node])[] {
  if (value.type === 'object') return propertiesOf(value).map(({ name, value: part }) => [`${path}.${name}`, part]);
  const items = value.type === 'array' ? childrenOf(value) : [];
  if (!items.every(({ type }) => type === 'object')) return [];
  return items.map((item, at) => {
    const name = literalOf(propertiesOf(item).find((property) => property.name === 'name')?.value);
    return [`${path}[${name ?? at}]`, item];
  });
}
