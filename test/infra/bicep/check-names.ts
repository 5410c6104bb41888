import {
  type Declaration,
  modulesOf,
  outputsOf,
  parametersOf,
  referencesIn,
  resourcesOf,
  variablesOf,
} from './document.ts';
import { isFunction } from './functions.ts';
import { childrenOf, literalOf, type Node, ofType, type Say, walk } from './syntax.ts';

/** Names that mean nothing or twice, that nobody uses, or that nobody explains. */
export function checkNames(root: Node, say: Say): void {
  const given = [parametersOf(root), variablesOf(root), resourcesOf(root), modulesOf(root)].flat();
  const known = new Set(given.map(({ name }) => name));
  const local = new Set([...walk(root)].flatMap(namesMadeBy));
  const used = new Set<string>();
  for (const node of referencesIn(root)) {
    used.add(node.text);
    if (!known.has(node.text) && !local.has(node.text)) say(node, `the name "${node.text}" is not known`);
  }
  for (const call of callsIn(root)) {
    if (!isFunction(call.text)) say(call, `the function "${call.text}" is not known`);
  }
  checkDeclarations(root, given, used, say);
}

function checkDeclarations(root: Node, given: readonly Declaration[], used: ReadonlySet<string>, say: Say): void {
  const seen = new Set<string>();
  for (const { name, node } of given) {
    if (seen.has(name)) say(node, `"${name}" is declared twice`);
    seen.add(name);
  }
  for (const { name, node } of [...parametersOf(root), ...variablesOf(root), ...existingOf(root)]) {
    if (!used.has(name)) say(node, `"${name}" is used nowhere`);
  }
  for (const { name, node, decorators } of [...parametersOf(root), ...outputsOf(root)]) {
    if (!decorators.some((text) => /^@?description\('.+'\)$/s.test(text))) say(node, `"${name}" has no description`);
  }
}

const existingOf = (root: Node): Declaration[] => resourcesOf(root).filter(({ existing }) => existing);

function namesMadeBy(node: Node): string[] {
  const [head] = childrenOf(node);
  if (head === undefined) return [];
  if (node.type === 'lambda_expression') return [head.text];
  if (node.type !== 'for_statement') return [];
  return head.type === 'for_loop_parameters' ? childrenOf(head).map(({ text }) => text) : [head.text];
}

export function* callsIn(root: Node): Generator<Node> {
  for (const node of walk(root)) {
    const [name] = ofType(node, 'identifier', 'property_identifier');
    const isDecorator = node.parent?.type === 'decorator';
    if (node.type === 'call_expression' && name !== undefined && !isDecorator) yield name;
  }
}

const HANDS_OUT_SECRETS = /^list(Keys|AccountSas|ServiceSas|Secrets|ConnectionStrings|Credentials)?$/i;
const LOOKS_SECRET = /AccountKey=|SharedAccessKey|Endpoint=sb:|-----BEGIN|(?:password|secret|key)=/i;

/** Nothing that is a secret, or hands one out. */
export function checkSecrets(root: Node, say: Say): void {
  for (const node of walk(root)) {
    const [last] = childrenOf(node).slice(-2);
    const called = node.type === 'call_expression' ? (last?.text.split('.').at(-1) ?? '') : '';
    if (HANDS_OUT_SECRETS.test(called)) say(node, `"${called}" hands out a secret`);
    const text = node.type === 'string' ? (literalOf(node) ?? node.text) : '';
    if (LOOKS_SECRET.test(text)) say(node, 'this looks like a secret');
  }
}
