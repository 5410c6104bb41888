import { childOf, fieldOf, listOf, type Node } from './syntax.ts';

/** A text in place of a part of a file. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** Gives the texts that may stand in place of a node. `isCondition`: another change makes it true or false already. */
type Operator = (node: Node, text: string, isCondition: boolean) => readonly Edit[];

const instead = ({ start, end }: Node, ...replacements: readonly string[]): readonly Edit[] =>
  replacements.map((replacement) => ({ start, end, replacement }));
const sourceOf = ({ start, end }: Node, text: string): string => text.slice(start, end);
/** An expression in place of one that it was a part of. */
const insteadPart = (node: Node, part: Node | undefined, text: string): readonly Edit[] =>
  part === undefined ? [] : instead(node, `(${sourceOf(part, text)})`);

const decided = (node: Node, ...values: readonly ('true' | 'false')[]): readonly Edit[] => {
  const test = childOf(node, 'test');
  return test === undefined ? [] : instead(test, ...values);
};

const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
};
const ARITHMETIC: Readonly<Record<string, readonly string[]>> = {
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
};

const binary: Operator = (node, text, isCondition) => {
  const [left, right, sign] = [childOf(node, 'left'), childOf(node, 'right'), fieldOf(node, 'operator')];
  if (left === undefined || right === undefined || typeof sign !== 'string') return [];
  const isEquality = sign === '===' || sign === '!==';
  const others = isEquality && isCondition ? [] : (COMPARISONS[sign] ?? ARITHMETIC[sign] ?? []);
  return instead(node, ...others.map((other) => `${sourceOf(left, text)} ${other} ${sourceOf(right, text)}`));
};

/** Around a small number the neighbour is another case. A large one is a time or a size, where only its magnitude matters. */
const SMALL = 1000;
const literal: Operator = (node) => {
  const value = fieldOf(node, 'value');
  if (typeof value === 'boolean') return instead(node, String(!value));
  if (typeof value === 'number') {
    if (value >= SMALL) return instead(node, String(value * 2), String(value / 2));
    return instead(node, String(value + 1), ...(value > 0 ? [String(value - 1)] : []));
  }
  const regex = fieldOf(node, 'regex');
  return typeof regex === 'object' && regex !== null ? instead(node, ...loosened(String(fieldOf(node, 'raw')))) : [];
};

/** Without one anchor, bound of a repetition, or flag. */
function loosened(raw: string): readonly string[] {
  const at = raw.lastIndexOf('/');
  const [pattern, flags] = [raw.slice(1, at), raw.slice(at + 1)];
  const patterns = [
    pattern.replace(/^\^/, ''),
    pattern.replace(/(?<!\\)\$$/, ''),
    ...[...pattern.matchAll(/\{\d+(?:,\d*)?\}/g)].map(
      ({ 0: bounds, index }) => `${pattern.slice(0, index)}*${pattern.slice(index + bounds.length)}`,
    ),
  ].filter((other) => other !== pattern);
  const others = patterns.map((other) => `/${other}/${flags}`);
  return flags.includes('i') ? [...others, `/${pattern}/${flags.replace('i', '')}`] : others;
}

/** Each part of a list away, with the comma beside it. */
const withoutEach = (parts: readonly Node[]): readonly Edit[] =>
  parts.map((part, at) => {
    const [before, after] = [parts[at - 1], parts[at + 1]];
    if (after !== undefined) return { start: part.start, end: after.start, replacement: '' };
    return { start: before?.end ?? part.start, end: part.end, replacement: '' };
  });

/** `a.b(c)` without the call, and without its last argument. */
const call: Operator = (node, text) => {
  const callee = childOf(node, 'callee');
  const last = withoutEach(listOf(node, 'arguments')).at(-1);
  const receiver = callee?.type === 'MemberExpression' ? childOf(callee, 'object') : undefined;
  return [...insteadPart(node, receiver, text), ...(last === undefined ? [] : [last])];
};

const either: Operator = (node, text) => [
  ...insteadPart(node, childOf(node, 'left'), text),
  ...insteadPart(node, childOf(node, 'right'), text),
];

const gone: Operator = (node) => instead(node, ';');

const OPERATORS: Readonly<Record<string, Operator>> = {
  IfStatement: (node) => decided(node, 'true', 'false'),
  ConditionalExpression: (node) => decided(node, 'true', 'false'),
  WhileStatement: (node) => decided(node, 'false'),
  BinaryExpression: binary,
  LogicalExpression: either,
  Literal: literal,
  UnaryExpression: (node, text, isCondition) =>
    fieldOf(node, 'operator') === '!' && !isCondition ? insteadPart(node, childOf(node, 'argument'), text) : [],
  AwaitExpression: (node, text) => insteadPart(node, childOf(node, 'argument'), text),
  ArrayExpression: (node) => withoutEach(listOf(node, 'elements')),
  ObjectExpression: (node) => withoutEach(listOf(node, 'properties')),
  CallExpression: call,
  NewExpression: (node) => withoutEach(listOf(node, 'arguments')).slice(-1),
  ExpressionStatement: gone,
  ThrowStatement: gone,
  BreakStatement: gone,
  ContinueStatement: gone,
  SwitchCase: (node) => (childOf(node, 'test') === undefined ? [] : instead(node, '')),
};

export const editsOf = (node: Node, text: string, isCondition: boolean): readonly Edit[] =>
  OPERATORS[node.type]?.(node, text, isCondition) ?? [];
