import type { LogLine } from '../../activity/types.ts';
import type { StateView } from '../view.ts';
import { byId, h, show, timeOfDay } from './dom.ts';
import { PANELS } from './panels.ts';

const MAX_LINES = 300;
const LOG = 'log';

let chosen = PANELS[0]?.id ?? LOG;
let state: StateView | undefined;
let lines: readonly LogLine[] = [];
let isDrawing = false;

export function setUpTabs(): void {
  const ids = [...PANELS.map(({ id, label }) => [id, label] as const), [LOG, 'Log'] as const];
  const tabs = byId('tabs');
  for (const [id, label] of ids) {
    const tab = h(
      'button',
      { role: 'tab', type: 'button', id: `tab-${id}`, 'aria-controls': 'panel', click: () => choose(id) },
      label,
      h('span', { class: 'count' }),
    );
    tabs.append(tab);
  }
  tabs.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const at = (ids.findIndex(([id]) => id === chosen) + step + ids.length) % ids.length;
    choose(ids[at]?.[0] ?? LOG);
    byId(`tab-${chosen}`).focus();
  });
  choose(chosen);
}

function choose(id: string): void {
  chosen = id;
  for (const tab of byId('tabs').children) {
    const isChosen = tab.id === `tab-${id}`;
    tab.setAttribute('aria-selected', String(isChosen));
    tab.setAttribute('tabindex', isChosen ? '0' : '-1');
  }
  byId('panel').setAttribute('aria-labelledby', `tab-${id}`);
  byId('panel').replaceChildren();
  draw();
}

export function showState(next: StateView): void {
  state = next;
  drawSoon();
}

export function setLines(all: readonly LogLine[]): void {
  lines = all;
  drawSoon();
}

export function addLine(line: LogLine): void {
  lines = [...lines.slice(1 - MAX_LINES), line];
  if (chosen === LOG) drawSoon();
}

function drawSoon(): void {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    draw();
  });
}

function draw(): void {
  const panel = byId('panel');
  if (chosen === LOG) {
    show(panel, lines.toReversed(), ({ id }) => String(id), logLine);
    return;
  }
  if (state === undefined) return;
  for (const { id, count } of PANELS) {
    const counter = byId(`tab-${id}`).querySelector('.count');
    if (counter !== null) counter.textContent = count(state);
  }
  PANELS.find(({ id }) => id === chosen)?.draw(panel, state);
}

const logLine = ({ time, level, text }: LogLine): HTMLElement =>
  h('p', { class: `log-line is-${level}` }, h('time', {}, timeOfDay(time)), h('span', {}, text));
