import { dirname, join } from 'node:path/posix';
import { checkNames, checkSecrets } from './check-names.ts';
import { checkRoles } from './check-roles.ts';
import { checkObject, checkValue } from './check-values.ts';
import {
  argumentsOf,
  modulesOf,
  outputsOf,
  parametersOf,
  type Resource,
  resourcesOf,
  variablesOf,
} from './document.ts';
import { bodyShape, declaredType, type Scope, typeOf } from './infer.ts';
import { readPublishedTypes } from './published-types.ts';
import type { Shape } from './shape.ts';
import { type BicepFile, type Node, parseBicep, propertiesOf, type Say, walk } from './syntax.ts';

const published = readPublishedTypes();

/**
 * Checks files that belong together: syntax, names, the official types of resources, modules' parameters and outputs,
 * roles and secrets. Not checked: scopes, conditions, and whether Azure takes a value that its specification allows.
 *
 * @param of the files to check; the others are what their modules lead to.
 * @returns one line for each fault: `file(line,column): message`.
 */
export async function checkBicep(files: readonly BicepFile[], of = files.map(({ path }) => path)): Promise<string[]> {
  const roots = new Map<string, Node>();
  for (const { path, text } of files) roots.set(path, await parseBicep(text));
  return of.flatMap((path) => checkFile(path, roots));
}

function checkFile(path: string, roots: ReadonlyMap<string, Node>): string[] {
  const root = roots.get(path);
  if (root === undefined) return [];
  const lines: string[] = [];
  const say: Say = ({ startPosition: { row, column } }, message) =>
    void lines.push(`${path}(${row + 1},${column + 1}): ${message}`);
  if (!checkSyntax(root, say)) return lines;
  const scope = scopeOf(path, roots, say);
  checkNames(root, say);
  checkSecrets(root, say);
  checkRoles(root, say);
  for (const { value, typeNode, name } of [...parametersOf(root), ...outputsOf(root)]) {
    if (value !== undefined) checkValue(value, declaredType(typeNode), name, scope);
  }
  for (const node of walk(root)) if (node.type === 'member_expression') typeOf(node, scope);
  for (const resource of resourcesOf(root)) checkResource(resource, scope);
  for (const module of modulesOf(root)) checkModule(module, roots.get(fileOf(path, module)), scope);
  return [...new Set(lines)];
}

function checkSyntax(root: Node, say: Say): boolean {
  if (!root.hasError) return true;
  const faults = [...walk(root)].filter((node) => node.isError || node.isMissing);
  for (const node of faults.length > 0 ? faults : [root]) say(node, 'syntax error');
  return false;
}

const fileOf = (path: string, { type }: Resource): string => join(dirname(path), type);

const byName = <T extends { readonly name: string }>(items: readonly T[]) =>
  new Map(items.map((item) => [item.name, item]));

function scopeOf(path: string, roots: ReadonlyMap<string, Node>, say: Say): Scope {
  const root = roots.get(path);
  if (root === undefined) throw new Error(`${path} was not read`);
  return {
    parameters: byName(parametersOf(root)),
    variables: byName(variablesOf(root)),
    resources: byName(resourcesOf(root)),
    modules: byName(modulesOf(root)),
    published,
    say,
    outputsOf: (module) => {
      const target = roots.get(fileOf(path, module));
      if (target === undefined) return undefined;
      const shapes = outputsOf(target).map(({ name, typeNode }) => [name, declaredType(typeNode)] as const);
      return new Map<string, Shape>(shapes);
    },
  };
}

function checkResource(resource: Resource, scope: Scope): void {
  const { type, node, body, existing } = resource;
  if (!scope.published.has(type.toLowerCase())) scope.say(node, `the resource type ${type} is not known`);
  const given = body === undefined ? [] : propertiesOf(body).map(({ name }) => name);
  const needed = type.split('/').length > 2 ? ['name', 'parent'] : ['name'];
  for (const name of needed.filter((one) => !given.includes(one))) scope.say(node, `${type} lacks "${name}"`);
  const shape = bodyShape(resource, scope.published);
  if (body === undefined || existing || shape.kind !== 'object') return;
  checkObject(body, shape, type.split('@')[0] ?? type, scope, true);
}

function checkModule(module: Resource, target: Node | undefined, scope: Scope): void {
  if (target === undefined) {
    scope.say(module.node, `there is no module ${module.type}`);
    return;
  }
  const given = argumentsOf(module);
  const wanted = parametersOf(target);
  for (const { name, key, value } of given) {
    const parameter = wanted.find((one) => one.name === name);
    if (parameter === undefined) scope.say(key, `${module.type} has no parameter "${name}"`);
    else checkValue(value, declaredType(parameter.typeNode), `${module.type}:${name}`, scope);
  }
  for (const { name, value } of wanted) {
    const isGiven = value !== undefined || given.some((one) => one.name === name);
    if (!isGiven) scope.say(module.node, `${module.type} is not given "${name}"`);
  }
}
