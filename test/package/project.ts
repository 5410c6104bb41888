import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Metafile, readMetafile } from './metafile.ts';

export const PROJECT = join(import.meta.dirname, '../..');

export const projectFile = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');
export const builtMetafile = (): Metafile => readMetafile(join(PROJECT, 'dist/meta.json'));
