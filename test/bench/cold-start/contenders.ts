import type { ContenderName } from '../contenders/build.ts';

export interface Contender {
  readonly title: string;
  readonly app: ContenderName;
  readonly vends: boolean;
  /** Whether Node.js finds in its on-disk cache what it compiled when the app was started before. */
  readonly compileCache: boolean;
}

const contender = (title: string, app: ContenderName, compileCache = false): Contender => ({
  ...{ title, app, compileCache },
  vends: app !== 'empty',
});

export const CONTENDERS: readonly Contender[] = [
  contender('ours', 'ours'),
  contender('ours, compile cache', 'ours', true),
  contender('ours, unbundled', 'ours-unbundled'),
  contender('straightforward', 'straightforward'),
  contender('straightforward, unbundled', 'straightforward-unbundled'),
  contender('straightforward, HTTP only', 'straightforward-http'),
  contender('empty', 'empty'),
  contender('empty, compile cache', 'empty', true),
];
