import { h } from './dom.ts';

export const row = (...children: readonly (Node | string | undefined | false)[]): HTMLElement =>
  h('article', { class: 'row-card' }, ...children);

export function facts(all: Readonly<Record<string, string | undefined | false>>): HTMLElement {
  const known = Object.entries(all).filter(([, value]) => value);
  return h('dl', {}, ...known.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value || ''))));
}

export const badge = (word: string): HTMLElement => h('span', { class: `badge is-${word}` }, word);

export const button = (action: string, label: string, click: () => void): HTMLElement =>
  h('button', { type: 'button', 'data-action': action, click }, label);
