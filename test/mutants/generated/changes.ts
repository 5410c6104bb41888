import { type Edit, editsOf } from './operators.ts';
import { childOf, childrenOf, isErased, isFunction, type Node, parse } from './syntax.ts';

/** One change of one file. */
export interface Change {
  /** Relative to the project. */
  readonly file: string;
  readonly line: number;
  /** The line as it stands. With `was` and `now` it names the change, wherever the line moves to. */
  readonly code: string;
  readonly was: string;
  readonly now: string;
  /** Where the innermost function around it begins: 0 for code that runs when the file is loaded. */
  readonly within: number;
  /** The file with the change. */
  readonly mutated: string;
}

const CONDITIONS = new Set(['LogicalExpression', 'UnaryExpression']);

/** Another change turns the whole of what the node decides. */
const isConditionIn = (parent: Node, node: Node): boolean =>
  CONDITIONS.has(parent.type) || childOf(parent, 'test') === node;

/** Every change of a text that the operators know, each once. */
export function changesOf(file: string, text: string): readonly Change[] {
  const changes = new Map<string, Change>();
  const visit = (node: Node, parent: Node, within: number): void => {
    for (const edit of editsOf(node, text, isConditionIn(parent, node))) {
      const change = changed(file, text, edit, within);
      if (change.mutated !== text) changes.set(change.mutated, changes.get(change.mutated) ?? change);
    }
    const inner = isFunction(node) ? node.start : within;
    for (const child of childrenOf(node)) if (!isErased(child)) visit(child, node, inner);
  };
  const program = parse(text);
  visit(program, program, 0);
  return [...changes.values()];
}

function changed(file: string, text: string, { start, end, replacement }: Edit, within: number): Change {
  const before = text.slice(0, start);
  const line = before.split('\n').length;
  return {
    file,
    line,
    code: (text.split('\n')[line - 1] ?? '').trim(),
    was: oneLine(text.slice(start, end)),
    now: oneLine(replacement),
    within,
    mutated: before + replacement + text.slice(end),
  };
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
