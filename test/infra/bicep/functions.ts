import { ANY, BOOL, INT, type Shape, STRING, widened } from './shape.ts';

const LIST: Shape = { kind: 'array', item: ANY };

/** The same kind of thing as the first argument. */
function alike(first: Shape): Shape {
  if (first.kind === 'array') return LIST;
  return first.kind === 'object' ? { kind: 'object', fields: 'unknown' } : widened(first);
}

/** The functions of Bicep that we use, and what they answer. */
const FUNCTIONS: Readonly<Record<string, Shape | ((first: Shape) => Shape)>> = {
  cidrSubnet: STRING,
  concat: alike,
  contains: BOOL,
  empty: BOOL,
  environment: ANY,
  guid: STRING,
  items: LIST,
  join: STRING,
  length: INT,
  loadTextContent: STRING,
  map: LIST,
  replace: STRING,
  resourceGroup: ANY,
  string: STRING,
  split: { kind: 'array', item: STRING },
  subscription: ANY,
  subscriptionResourceId: STRING,
  take: alike,
  tenant: ANY,
  toLower: STRING,
  toUpper: STRING,
  union: alike,
  uniqueString: STRING,
};

export const isFunction = (name: string): boolean => name in FUNCTIONS;

export function returnOf(name: string, first: Shape): Shape {
  const answer = FUNCTIONS[name] ?? ANY;
  return typeof answer === 'function' ? answer(first) : answer;
}
