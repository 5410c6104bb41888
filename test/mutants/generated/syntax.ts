import { parseAst } from 'vitest/node';

/** A node of the syntax tree. Its range is in characters of the text. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  typeof value.type === 'string' &&
  'start' in value &&
  typeof value.start === 'number' &&
  'end' in value &&
  typeof value.end === 'number';

export const parse = (text: string): Node => {
  const program: unknown = parseAst(text, { lang: 'ts' });
  if (!isNode(program)) throw new Error('The parser gave no tree.');
  return program;
};

export const fieldOf = (node: Node, field: string): unknown =>
  Object.entries(node).find(([name]) => name === field)?.[1];

export function childOf(node: Node, field: string): Node | undefined {
  const value = fieldOf(node, field);
  return isNode(value) ? value : undefined;
}

export function listOf(node: Node, field: string): readonly Node[] {
  const value = fieldOf(node, field);
  return Array.isArray(value) ? value.filter(isNode) : [];
}

export const childrenOf = (node: Node): readonly Node[] => Object.values(node).flat().filter(isNode);

/** Around an expression, and gone when the program runs. */
const WRAPPERS = new Set(['TSAsExpression', 'TSSatisfiesExpression']);

/** Types and imports: nothing of them runs. */
export const isErased = ({ type }: Node): boolean =>
  type === 'ImportDeclaration' || (type.startsWith('TS') && !WRAPPERS.has(type));

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
export const isFunction = ({ type }: Node): boolean => FUNCTIONS.has(type);
