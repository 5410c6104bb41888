import type { ObjectShape, PublishedType } from './published-types.ts';

/** What is known of a value's type. */
export type Shape =
  | { readonly kind: 'any' | 'null' | 'int' | 'bool' }
  | { readonly kind: 'string'; readonly literals?: readonly string[]; readonly open: boolean }
  | { readonly kind: 'array'; readonly item: Shape }
  | ObjectType;

export interface ObjectType {
  readonly kind: 'object';
  readonly fields: ReadonlyMap<string, Field> | 'unknown';
  /** The type of properties of any other name. */
  readonly rest?: Shape;
  /** The property whose value tells which properties there are. */
  readonly tag?: { readonly name: string; readonly values: readonly string[]; choose(value: string): ObjectType };
}

export interface Field {
  readonly required: boolean;
  readonly readOnly: boolean;
  /** Read when asked for: shapes may contain themselves. */
  shape(): Shape;
}

export const ANY: Shape = { kind: 'any' };
export const STRING: Shape = { kind: 'string', open: true };
export const INT: Shape = { kind: 'int' };
export const BOOL: Shape = { kind: 'bool' };

/** A value like this one need not have its text. */
export const widened = (shape: Shape): Shape => (shape.kind === 'string' ? STRING : shape);

/** One type as a published type writes it, without its mark. */
export function shapeOf(text: string, published: PublishedType): Shape {
  if (text.endsWith('[]')) return { kind: 'array', item: shapeOf(text.slice(0, -2), published) };
  if (text === 'int' || text === 'bool' || text === 'any' || text === 'null') return { kind: text };
  const parts = text.split(' | ');
  const literals = parts.filter((part) => part.startsWith("'")).map((part) => part.slice(1, -1));
  if (parts.includes('string') || literals.length > 0) {
    return { kind: 'string', open: parts.includes('string'), ...(literals.length > 0 ? { literals } : {}) };
  }
  const found = published.types[text];
  return found === undefined ? ANY : objectShape(found, published);
}

/** @param value of the property that tells the cases apart, once it is known. */
export function objectShape(found: ObjectShape, published: PublishedType, value?: string): ObjectType {
  const { rest, by, cases = [] } = found;
  const chosen = cases.filter((one) => value === undefined || one[by ?? '']?.includes(`'${value}'`));
  const certain = cases.length === 0 || (value !== undefined && chosen.length === 1);
  const all = Object.assign({}, ...chosen, found.properties) as Record<string, string>;
  const fields = Object.entries(all).map(([name, text]) => [name, fieldOf(text, published, certain)] as const);
  return {
    kind: 'object',
    fields: new Map(fields),
    ...(rest === undefined ? {} : { rest: shapeOf(rest, published) }),
    ...(by === undefined ? {} : { tag: tagOf(by, found, published) }),
  };
}

function tagOf(name: string, found: ObjectShape, published: PublishedType): NonNullable<ObjectType['tag']> {
  const values = (found.cases ?? []).map((one) => (one[name] ?? '').replaceAll(/[!=']/g, ''));
  return { name, values, choose: (value) => objectShape(found, published, value) };
}

function fieldOf(text: string, published: PublishedType, certain: boolean): Field {
  return {
    required: certain && text.startsWith('!'),
    readOnly: text.startsWith('='),
    shape: () => shapeOf(text.replace(/^[!=]/, ''), published),
  };
}
