import { pointerTo } from './validation.ts';

export type StrictJson =
  | { readonly kind: 'parsed'; readonly value: unknown }
  | { readonly kind: 'malformed'; readonly detail: string };

const MAX_DEPTH = 16;

/**
 * JSON as RFC 8259 has it, and stricter where its readers disagree. UTF-8 that does not decode is malformed. So are a
 * name that occurs twice in one object, and more than 16 levels of nesting. One byte order mark at the start is ignored,
 * as the RFC permits. `detail` repeats no value of the text.
 */
export function parseStrictJson(text: string | Uint8Array): StrictJson {
  const decoded = typeof text === 'string' ? text.replace(/^\uFEFF/, '') : decodeUtf8(text);
  if (decoded === undefined) return malformed('the text is not valid UTF-8');
  if (decoded.trim() === '') return malformed('the text is empty');
  let value: unknown;
  try {
    value = JSON.parse(decoded);
  } catch (error) {
    return malformed(`the text is not valid JSON${positionIn(error)}`);
  }
  const defect = findDefect(decoded);
  return defect === undefined ? { kind: 'parsed', value } : malformed(defect);
}

function malformed(detail: string): StrictJson {
  return { kind: 'malformed', detail };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** V8's message quotes the text. Only its position may be passed on. */
function positionIn(error: unknown): string {
  const position = error instanceof SyntaxError ? /\(line \d+ column \d+\)$/.exec(error.message)?.[0] : undefined;
  return position === undefined ? '' : ` ${position}`;
}

interface Container {
  /** The names of an object that were seen so far. Undefined for an array. */
  readonly names?: Set<string>;
  /** Where the scan is: the current member's name, or the current item's index. */
  at: string | number;
  nameIsNext: boolean;
}

/**
 * Too deep, or a duplicate name. Expects valid JSON, and does not recurse: 100,000 brackets must not overflow the stack.
 */
function findDefect(json: string): string | undefined {
  const open: Container[] = [];
  for (let at = 0; at < json.length; at += 1) {
    if (json[at] === '"') {
      const end = endOfString(json, at);
      if (!enterMember(open.at(-1), json.slice(at, end))) {
        return `the name ${pointerTo(open.map((container) => container.at))} occurs more than once`;
      }
      at = end - 1;
    } else follow(open, json[at]);
    if (open.length > MAX_DEPTH) return `the text is nested more than ${MAX_DEPTH} levels deep`;
  }
  return undefined;
}

function follow(open: Container[], character: string | undefined): void {
  const inner = open.at(-1);
  if (character === '{') open.push({ names: new Set(), at: '', nameIsNext: true });
  else if (character === '[') open.push({ at: 0, nameIsNext: false });
  else if (character === '}' || character === ']') open.pop();
  else if (character === ',' && typeof inner?.at === 'number') inner.at += 1;
  else if (character === ',' && inner !== undefined) inner.nameIsNext = true;
}

/** @returns false if the string is a name that the object already has, however the two are escaped. */
function enterMember(container: Container | undefined, literal: string): boolean {
  if (!container?.nameIsNext) return true;
  const name: string = JSON.parse(literal);
  container.at = name;
  container.nameIsNext = false;
  const isNew = container.names?.has(name) === false;
  container.names?.add(name);
  return isNew;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}
