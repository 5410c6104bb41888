/** One protection taken away: a text in a file of the project, and what to put there. */
export interface Mutant {
  readonly without: string;
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
}

/** @param folder where `file` is. */
export const mutantsOf =
  (folder: string) =>
  (without: string, file: string, text: string, replacement: string): Mutant => ({
    without,
    file: `${folder}/${file}`,
    text,
    replacement,
  });
