import { styleText } from 'node:util';

/** Tells somebody what a scenario does and finds. It is never given a secret. */
export interface Narrator {
  heading(text: string): void;
  show(label: string, value: unknown): void;
  say(text: string): void;
}

export const TERMINAL: Narrator = {
  heading: (text) => console.log(`\n${styleText('bold', text)}`),
  show: (label, value) => console.log(`${label}\n${JSON.stringify(value, null, 2).replaceAll(/^/gm, '    ')}`),
  say: (text) => console.log(text),
};

export const masked = (secret: string): string => `(${secret.length} characters, not shown)`;
