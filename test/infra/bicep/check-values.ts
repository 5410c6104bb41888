import { type Scope, typeOf } from './infer.ts';
import type { ObjectType, Shape } from './shape.ts';
import { childrenOf, literalOf, type Node, type Property, propertiesOf } from './syntax.ts';

/** Holds a value against the type that it must have, and says what does not fit. */
export function checkValue(node: Node, expected: Shape, where: string, scope: Scope): void {
  const branches = BRANCHES[node.type];
  const items = ITEMS[node.type];
  if (node.type === 'object' && expected.kind === 'object') checkObject(node, expected, where, scope);
  else if (items !== undefined && expected.kind === 'array') {
    for (const item of items(childrenOf(node))) checkValue(item, expected.item, `${where}[]`, scope);
  } else if (branches !== undefined) {
    for (const branch of branches(childrenOf(node))) checkValue(branch, expected, where, scope);
  } else compare(node, expected, where, scope);
}

type Pick = (children: Node[]) => Node[];

const last: Pick = (children) => children.slice(-1);
const ITEMS: Readonly<Record<string, Pick>> = { array: (children) => children, for_statement: last };
const BRANCHES: Readonly<Record<string, Pick>> = {
  ternary_expression: (children) => children.slice(1),
  if_statement: last,
  parenthesized_expression: last,
};

/** Properties that Bicep itself gives to every resource. */
const OF_BICEP = new Set(['parent', 'scope', 'dependsOn']);

export function checkObject(node: Node, expected: ObjectType, where: string, scope: Scope, isBody = false): void {
  const given = propertiesOf(node).filter(({ name }) => !(isBody && OF_BICEP.has(name)));
  const chosen = chosenBy(given, expected, where, scope);
  const names = new Set<string>();
  for (const property of given) {
    if (names.has(property.name)) scope.say(property.key, `"${property.name}" is given twice in ${where}`);
    names.add(property.name);
    checkProperty(property, chosen, where, scope);
  }
  if (chosen.fields === 'unknown') return;
  for (const [name, { required }] of chosen.fields) {
    if (required && !names.has(name)) scope.say(node, `${where} lacks "${name}"`);
  }
}

function checkProperty(
  { name, key, value }: Property,
  { fields, rest }: ObjectType,
  where: string,
  scope: Scope,
): void {
  if (fields === 'unknown') return;
  const field = fields.get(name);
  if (field?.readOnly) scope.say(key, `"${name}" of ${where} is read-only`);
  else if (field !== undefined) checkValue(value, field.shape(), `${where}.${name}`, scope);
  else if (rest !== undefined) checkValue(value, rest, `${where}.${name}`, scope);
  else scope.say(key, `"${name}" is no property of ${where}`);
}

function chosenBy(given: readonly Property[], expected: ObjectType, where: string, { say }: Scope): ObjectType {
  const { tag } = expected;
  const value = given.find(({ name }) => name === tag?.name)?.value;
  const literal = literalOf(value);
  if (tag === undefined || value === undefined || literal === undefined) return expected;
  if (!tag.values.includes(literal))
    say(value, `${where}.${tag.name}: "${literal}" is none of ${tag.values.join(', ')}`);
  return tag.choose(literal);
}

function compare(node: Node, expected: Shape, where: string, scope: Scope): void {
  const actual = typeOf(node, scope);
  if (expected.kind === 'any' || actual.kind === 'any' || actual.kind === 'null') return;
  if (actual.kind !== expected.kind) {
    scope.say(node, `${where} must be ${expected.kind}, not ${actual.kind}`);
    return;
  }
  if (actual.kind !== 'string' || expected.kind !== 'string') return;
  const literal = literalOf(node);
  const { literals } = expected;
  // A list of values that is open in the specification is one for all that is published.
  if (literal !== undefined && literals !== undefined && !literals.includes(literal)) {
    scope.say(node, `${where}: "${literal}" is none of ${literals.join(', ')}`);
  }
}
