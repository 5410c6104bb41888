import { globSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** One protection taken away: a text somewhere in a place, and another in its stead. */
export interface Mutant {
  /** The behaviour that the mutant lacks. */
  readonly without: string;
  /** A folder of TypeScript, whose files may move within it; or one file of another kind. Relative to the project. */
  readonly place: string;
  readonly text: string;
  readonly replacement: string;
}

export const mutantsOf =
  (place: string) =>
  (without: string, text: string, replacement: string): Mutant => ({ without, place, text, replacement });

/** A file before and after. */
export interface Change {
  /** Relative to the project. */
  readonly file: string;
  readonly original: string;
  readonly mutated: string;
}

/** @throws Error where the text is not there exactly once, or stays as it is: the list has to follow the code. */
export function changeBy({ without, place, text, replacement }: Mutant, project: string): Change {
  const files = extname(place) === '' ? globSync(`${place}/*.ts`, { cwd: project }) : [place];
  const found = files.flatMap((file) => {
    const original = readFileSync(join(project, file), 'utf8');
    const times = original.split(text).length - 1;
    return Array.from({ length: times }, () => ({ file, original }));
  });
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new Error(`"${without}": its text is ${found.length} times in ${place}.`);
  const mutated = only.original.replace(text, () => replacement);
  if (mutated === only.original) throw new Error(`"${without}" changes nothing.`);
  return { ...only, mutated };
}
