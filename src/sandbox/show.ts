import { styleText } from 'node:util';

export const heading = (text: string): void => console.log(`\n${styleText('bold', text)}`);
export const show = (label: string, value: unknown): void =>
  console.log(`${label}\n${JSON.stringify(value, null, 2).replaceAll(/^/gm, '    ')}`);
export const masked = (secret: string): string => `(${secret.length} characters, not shown)`;
