import { probeName, REACHED } from './protocol.ts';
import { childOf, childrenOf, isErased, isFunction, type Node, parse } from './syntax.ts';

/** The text of a file that notes which of its functions run. */
export function withProbes(file: string, text: string): string {
  const inserts: { readonly at: number; readonly code: string }[] = [];
  const note = (within: number): string =>
    `(globalThis.${REACHED} ??= new Set()).add(${JSON.stringify(probeName(file, within))})`;
  const visit = (node: Node): void => {
    const body = isFunction(node) ? childOf(node, 'body') : undefined;
    if (body?.type === 'BlockStatement') inserts.push({ at: body.start + 1, code: `${note(node.start)};` });
    else if (body !== undefined)
      inserts.push({ at: body.start, code: `(${note(node.start)},` }, { at: body.end, code: ')' });
    for (const child of childrenOf(node)) if (!isErased(child)) visit(child);
  };
  visit(parse(text));
  // From the end, so that no insert moves the place of another. Of two at one place the outer function's comes first.
  const placed = inserts
    .map((insert, order) => ({ ...insert, order }))
    .sort((a, b) => b.at - a.at || b.order - a.order);
  const probed = placed.reduce((code, insert) => code.slice(0, insert.at) + insert.code + code.slice(insert.at), text);
  return `${probed}\n${note(0)};\n`;
}
