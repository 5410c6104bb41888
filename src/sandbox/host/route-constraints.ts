type Constraint = (value: string) => boolean;

const int = (text: string): number => (/^[-+]?\d+$/.test(text) ? Number(text) : Number.NaN);
const within = (value: number, least: number, most: number): boolean => value >= least && value <= most;

const CONSTRAINTS: Readonly<Record<string, (args: readonly number[]) => Constraint>> = {
  int: () => (text) => within(int(text), -(2 ** 31), 2 ** 31 - 1),
  long: () => (text) => within(int(text), -(2 ** 63), 2 ** 63),
  bool: () => (text) => /^(true|false)$/i.test(text),
  guid: () => (text) => /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$|^[0-9a-f]{32}$/i.test(text),
  alpha: () => (text) => /^[a-z]*$/i.test(text),
  required: () => (text) => text !== '',
  minlength:
    ([least = 0]) =>
    (text) =>
      text.length >= least,
  maxlength:
    ([most = 0]) =>
    (text) =>
      text.length <= most,
  length:
    ([least = 0, most = least]) =>
    (text) =>
      within(text.length, least, most),
  min:
    ([least = 0]) =>
    (text) =>
      int(text) >= least,
  max:
    ([most = 0]) =>
    (text) =>
      int(text) <= most,
  range:
    ([least = 0, most = 0]) =>
    (text) =>
      within(int(text), least, most),
};

/** Reads `:int:max(10)`. Undefined when one of them is not known here. */
export function parseConstraints(text: string): readonly Constraint[] | undefined {
  const constraints: Constraint[] = [];
  for (const [, name = '', args] of text.matchAll(/:([^:(]*)(?:\(([^)]*)\))?/g)) {
    const create = CONSTRAINTS[name.toLowerCase()];
    const numbers = args === undefined ? [] : args.split(',').map(Number);
    if (create === undefined || numbers.some(Number.isNaN)) return undefined;
    constraints.push(create(numbers));
  }
  return constraints;
}
