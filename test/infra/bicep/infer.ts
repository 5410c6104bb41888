import { type Declaration, loopOf, type Resource } from './document.ts';
import { returnOf } from './functions.ts';
import type { PublishedType } from './published-types.ts';
import { ANY, BOOL, INT, objectShape, type Shape, STRING, widened } from './shape.ts';
import { childrenOf, literalOf, type Node, type Say } from './syntax.ts';

/** What names mean in one file. */
export interface Scope {
  readonly parameters: ReadonlyMap<string, Declaration>;
  readonly variables: ReadonlyMap<string, Declaration>;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly modules: ReadonlyMap<string, Resource>;
  readonly published: ReadonlyMap<string, PublishedType>;
  outputsOf(module: Resource): ReadonlyMap<string, Shape> | undefined;
  readonly say: Say;
}

export function typeOf(node: Node, scope: Scope): Shape {
  const [first] = childrenOf(node);
  switch (node.type) {
    case 'string': {
      const literal = literalOf(node);
      return literal === undefined ? STRING : { kind: 'string', literals: [literal], open: false };
    }
    case 'number':
      return INT;
    case 'boolean':
      return BOOL;
    case 'null':
      return { kind: 'null' };
    case 'object':
      return objectLiteral(node, scope);
    case 'array':
      return { kind: 'array', item: typeOfAny(first, scope) };
    case 'for_statement':
      return { kind: 'array', item: ANY };
    case 'identifier':
      return typeOfName(node, scope);
    case 'member_expression':
      return typeOfMember(node, scope);
    case 'subscript_expression':
      return itemOf(first, scope);
    case 'call_expression':
      return typeOfCall(node, scope);
    case 'unary_expression':
      return node.text.startsWith('!') ? BOOL : INT;
    case 'parenthesized_expression':
      return typeOfAny(first, scope);
    default:
      return ANY;
  }
}

const typeOfAny = (node: Node | undefined, scope: Scope): Shape => (node === undefined ? ANY : typeOf(node, scope));

function itemOf(list: Node | undefined, scope: Scope): Shape {
  const shape = typeOfAny(list, scope);
  return shape.kind === 'array' ? shape.item : ANY;
}

function typeOfMember(node: Node, scope: Scope): Shape {
  const [of, member] = childrenOf(node);
  return member === undefined ? ANY : memberOf(typeOfAny(of, scope), member, scope.say);
}

function objectLiteral(node: Node, scope: Scope): Shape {
  const fields = childrenOf(node).flatMap((property) => {
    const [key, value] = childrenOf(property);
    if (property.type !== 'object_property' || key === undefined || value === undefined) return [];
    const shape = () => widened(typeOf(value, scope));
    return [[literalOf(key) ?? key.text, { required: true, readOnly: false, shape }] as const];
  });
  return { kind: 'object', fields: new Map(fields) };
}

function typeOfName(node: Node, scope: Scope): Shape {
  const looped = loopAround(node, scope);
  if (looped !== undefined) return looped;
  const name = node.text;
  const parameter = scope.parameters.get(name);
  if (parameter !== undefined) return declaredType(parameter.typeNode);
  const variable = scope.variables.get(name)?.value;
  if (variable !== undefined) return typeOf(variable, scope);
  const resource = scope.resources.get(name);
  if (resource !== undefined) return plural(resource, bodyShape(resource, scope.published));
  const module = scope.modules.get(name);
  return module === undefined ? ANY : plural(module, moduleShape(module, scope));
}

function loopAround(node: Node, scope: Scope): Shape | undefined {
  for (let up = node.parent; up !== null; up = up.parent) {
    if (up.type === 'lambda_expression' && childrenOf(up)[0]?.text === node.text) return ANY;
    if (up.type !== 'for_statement') continue;
    const { item, index, over } = loopOf(up);
    if (index === node.text) return INT;
    if (item !== node.text) continue;
    return itemOf(over, scope);
  }
  return undefined;
}

export function declaredType(typeNode: Node | undefined): Shape {
  const text = typeNode?.text ?? 'any';
  if (text.endsWith('[]')) return { kind: 'array', item: text === 'string[]' ? STRING : ANY };
  if (text === 'string') return STRING;
  if (text === 'int' || text === 'bool') return { kind: text };
  if (text === 'array') return { kind: 'array', item: ANY };
  return text === 'object' ? { kind: 'object', fields: 'unknown' } : ANY;
}

const plural = ({ loop }: Resource, shape: Shape): Shape =>
  loop === undefined ? shape : { kind: 'array', item: shape };

/** With the case that its own `name` tells, as far as it is written. */
export function bodyShape({ type, body }: Resource, published: Scope['published']): Shape {
  const found = published.get(type.toLowerCase());
  const shape = found?.types.body;
  if (found === undefined || shape === undefined || body === undefined) return ANY;
  return objectShape(shape, found);
}

function moduleShape(module: Resource, scope: Scope): Shape {
  const outputs = scope.outputsOf(module);
  if (outputs === undefined) return ANY;
  const field = (shape: Shape) => ({ required: false, readOnly: true, shape: () => shape });
  const fields = new Map([...outputs].map(([name, shape]) => [name, field(shape)]));
  return {
    kind: 'object',
    fields: new Map([
      ['outputs', field({ kind: 'object', fields })],
      ['name', field(STRING)],
    ]),
  };
}

function memberOf(shape: Shape, member: Node, say: Say): Shape {
  if (shape.kind === 'string' || shape.kind === 'int' || shape.kind === 'bool' || shape.kind === 'array') {
    say(member, `"${member.text}" is asked of ${shape.kind === 'array' ? 'an' : 'a'} ${shape.kind}`);
    return ANY;
  }
  if (shape.kind !== 'object' || shape.fields === 'unknown') return ANY;
  const field = shape.fields.get(member.text);
  if (field !== undefined) return field.shape();
  if (shape.rest !== undefined) return shape.rest;
  say(member, `there is no property "${member.text}" (known: ${[...shape.fields.keys()].join(', ')})`);
  return ANY;
}

function typeOfCall(node: Node, scope: Scope): Shape {
  const [name, given] = childrenOf(node);
  const first = given === undefined ? undefined : childrenOf(given)[0];
  return returnOf(name?.text ?? '', typeOfAny(first, scope));
}
