import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Language, type Node, Parser } from 'web-tree-sitter';

export type { Node } from 'web-tree-sitter';

export const INFRA = `${import.meta.dirname}/../../../infra`;

export interface BicepFile {
  /** Relative to infra/. */
  readonly path: string;
  readonly text: string;
}

export const infraFile = (path: string): string => readFileSync(`${INFRA}/${path}`, 'utf8');

export function bicepFiles(): BicepFile[] {
  const paths = readdirSync(INFRA, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.bicep'));
  return paths.sort().map((path) => ({ path, text: infraFile(path) }));
}

let parser: Promise<Parser> | undefined;

const parsed = new Map<string, Node>();

export async function parseBicep(text: string): Promise<Node> {
  parser ??= createParser();
  const root = parsed.get(text) ?? (await parser).parse(text)?.rootNode;
  if (root === undefined) throw new Error('nothing was parsed');
  parsed.set(text, root);
  return root;
}

async function createParser(): Promise<Parser> {
  await Parser.init();
  const created = new Parser();
  const wasm = fileURLToPath(import.meta.resolve('tree-sitter-bicep/tree-sitter-bicep.wasm'));
  return created.setLanguage(await Language.load(wasm));
}

export function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of node.namedChildren) if (child !== null) yield* walk(child);
}

export const childrenOf = (node: Node): Node[] => node.namedChildren.filter((child) => child !== null);

export const ofType = (node: Node, ...types: string[]): Node[] =>
  childrenOf(node).filter(({ type }) => types.includes(type));

/** The value of a string without interpolation. */
export function literalOf(node: Node | undefined): string | undefined {
  if (node?.type !== 'string' || [...walk(node)].some(({ type }) => type === 'interpolation')) return undefined;
  return node.text.replace(/^'(?:'')?|(?:'')?'$/g, '').replaceAll("\\'", "'");
}

export interface Property {
  readonly name: string;
  readonly key: Node;
  readonly value: Node;
}

export function propertiesOf(object: Node): Property[] {
  return ofType(object, 'object_property').flatMap((property) => {
    const [key, value] = childrenOf(property);
    if (key === undefined || value === undefined) return [];
    return [{ name: literalOf(key) ?? key.text, key, value }];
  });
}

/** `file(line,column): message` */
export type Say = (node: Node, message: string) => void;
