import { childrenOf, literalOf, type Node, ofType, propertiesOf, walk } from './syntax.ts';

export interface Declaration {
  readonly name: string;
  readonly node: Node;
  /** The declared type of a parameter or an output. */
  readonly typeNode: Node | undefined;
  /** The value, or the default. */
  readonly value: Node | undefined;
  readonly decorators: readonly string[];
}

export interface Resource extends Declaration {
  /** `Microsoft.KeyVault/vaults@2024-11-01` of a resource, the path of a module. */
  readonly type: string;
  readonly existing: boolean;
  /** Of one of the loop's instances, where there is a loop. */
  readonly body: Node | undefined;
  readonly loop: Node | undefined;
}

export interface Loop {
  readonly item: string;
  readonly index: string | undefined;
  readonly over: Node | undefined;
}

const valueTypes = new Set(['type', 'identifier', 'metadata_declaration']);

function declarations(root: Node, type: string): Declaration[] {
  return childrenOf(root).flatMap((node, at, siblings) => {
    if (node.type !== type) return [];
    const [name] = ofType(node, 'identifier');
    const before = siblings[at - 1];
    const decorators = before?.type === 'decorators' ? childrenOf(before).map(({ text }) => text) : [];
    const rest = childrenOf(node).filter((child) => child.id !== name?.id);
    const value = rest.findLast((child) => !valueTypes.has(child.type) || child.type === 'identifier');
    return [{ name: name?.text ?? '', node, typeNode: rest.find((child) => child.type === 'type'), value, decorators }];
  });
}

export const parametersOf = (root: Node): Declaration[] => declarations(root, 'parameter_declaration');
export const variablesOf = (root: Node): Declaration[] => declarations(root, 'variable_declaration');
export const outputsOf = (root: Node): Declaration[] => declarations(root, 'output_declaration');
export const modulesOf = (root: Node): Resource[] => declarations(root, 'module_declaration').map(toResource);
export const resourcesOf = (root: Node): Resource[] => declarations(root, 'resource_declaration').map(toResource);

function toResource(declaration: Declaration): Resource {
  const { node, value } = declaration;
  return {
    ...declaration,
    type: literalOf(ofType(node, 'string')[0]) ?? '',
    existing: node.children.some((child) => child?.type === 'existing' || child?.text === 'existing'),
    body: objectIn(value),
    loop: value?.type === 'for_statement' ? value : undefined,
  };
}

/** The object under loop, condition and parentheses. */
export function objectIn(value: Node | undefined): Node | undefined {
  if (value === undefined || value.type === 'object') return value;
  if (!['for_statement', 'if_statement', 'parenthesized_expression'].includes(value.type)) return undefined;
  return objectIn(childrenOf(value).at(-1));
}

export function loopOf(node: Node): Loop {
  const [head, over] = childrenOf(node);
  const named = head?.type === 'for_loop_parameters' ? childrenOf(head).map(({ text }) => text) : [head?.text ?? ''];
  return { item: named[0] ?? '', index: named[1], over };
}

/** Every identifier that stands for a value. */
export function* referencesIn(root: Node): Generator<Node> {
  for (const node of walk(root)) if (node.type === 'identifier' && isReference(node)) yield node;
}

const DECLARING = /_declaration$|^lambda_expression$|^for_statement$|^object_property$|^call_expression$/;

function isReference(node: Node): boolean {
  const { parent } = node;
  if (parent === null) return false;
  return !DECLARING.test(parent.type) || childrenOf(parent)[0]?.id !== node.id;
}

/** The parameters that a module is given. */
export function argumentsOf({ body }: Resource): ReturnType<typeof propertiesOf> {
  const params = body === undefined ? undefined : propertiesOf(body).find(({ name }) => name === 'params');
  return params?.value.type === 'object' ? propertiesOf(params.value) : [];
}
