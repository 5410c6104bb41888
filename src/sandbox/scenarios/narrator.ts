import { styleText } from 'node:util';

/** Tells somebody what a scenario does and finds. It is never given a secret. */
export interface Narrator {
  heading(text: string): void;
  show(label: string, value: unknown): void;
  say(text: string): void;
}

export const TERMINAL: Narrator = {
  heading: (text) => console.log(`\n${styleText('bold', text)}`),
  show: (label, value) => console.log(`${label}\n    ${isObject(value) ? fieldsOf(value) : JSON.stringify(value)}`),
  say: (text) => console.log(text),
};

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A line for each field, so that a reader follows it as it goes by. */
const fieldsOf = (value: object): string =>
  Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => `${JSON.stringify(name)}: ${JSON.stringify(field)}`)
    .join('\n    ');

export const masked = (secret: string): string => `(${secret.length} characters, not shown)`;
