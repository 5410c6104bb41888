import type { ActivityEvent, InvocationEnd, InvocationHead, InvocationView, Step } from '../../activity/types.ts';
import { byId, h, timeOfDay } from './dom.ts';
import { sequence } from './sequence.ts';

/** Invocations that the page keeps, and steps that it draws of one: the page stays small, however long it runs. */
const MAX_CARDS = 40;
const MAX_STEPS = 60;

interface Card {
  readonly head: InvocationHead;
  readonly steps: Map<string, Step>;
  end: InvocationEnd | undefined;
  /** Made when it is drawn. */
  element: HTMLDetailsElement | undefined;
}

const cards = new Map<string, Card>();
const dirty = new Set<Card>();
let isDrawing = false;
let opened: HTMLDetailsElement | undefined;

export function reset(invocations: readonly InvocationView[]): void {
  for (const card of cards.values()) card.element?.remove();
  cards.clear();
  dirty.clear();
  for (const { steps, end, ...head } of invocations) {
    const card = begin(head);
    for (const step of steps) card.steps.set(keyOf(step), step);
    card.end = end;
  }
  draw();
}

export function apply(event: ActivityEvent): void {
  switch (event.event) {
    case 'began':
      begin(event.invocation);
      return;
    case 'step':
    case 'ended': {
      const card = cards.get(event.invocationId);
      if (card === undefined) return;
      if (event.event === 'step') card.steps.set(keyOf(event.step), event.step);
      else card.end = event.end;
      touch(card);
      return;
    }
    case 'quiet':
      showQuiet(event.count);
      return;
    case 'log':
      return;
  }
}

export function showQuiet(count: number): void {
  byId('quiet').textContent =
    count === 0 ? '' : `The reconciler and the event queue looked ${count} times and found nothing to do.`;
}

const keyOf = ({ kind, id }: Step): string => `${kind}${id}`;

function begin(head: InvocationHead): Card {
  const card: Card = { head, steps: new Map(), end: undefined, element: undefined };
  cards.set(head.id, card);
  const [oldest] = cards.values();
  if (cards.size > MAX_CARDS && oldest !== undefined) {
    cards.delete(oldest.head.id);
    dirty.delete(oldest);
    oldest.element?.remove();
  }
  touch(card);
  return card;
}

function touch(card: Card): void {
  dirty.add(card);
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(draw);
}

function draw(): void {
  isDrawing = false;
  for (const card of dirty) drawCard(card);
  dirty.clear();
  byId('happens').classList.toggle('is-empty', cards.size === 0);
}

function drawCard(card: Card): void {
  if (card.element === undefined) {
    const element = h('details', { class: 'card' }, h('summary'));
    card.element = element;
    element.addEventListener('toggle', () => element.open && touch(card));
    byId('invocations').prepend(element);
    if (card.head.trigger.kind !== 'timer') openAlone(element);
  }
  const { element } = card;
  element.querySelector('summary')?.replaceChildren(...summary(card));
  element.className = `card ${card.end === undefined ? 'is-running' : toneOf(card.end.status)}`;
  if (!element.open) return;
  const steps = [...card.steps.values()].toSorted((a, b) => a.after - b.after);
  const rest = steps.length - MAX_STEPS;
  const body = sequence(steps.slice(0, MAX_STEPS));
  element.querySelector('.body')?.remove();
  element.append(h('div', { class: 'body' }, body, rest > 0 && h('p', { class: 'hint' }, `${rest} more steps`)));
}

/** The latest is open, unless somebody has another one open. */
function openAlone(element: HTMLDetailsElement): void {
  if (opened !== undefined) {
    if (!opened.open && opened.isConnected) return;
    opened.open = false;
  }
  opened = element;
  element.open = true;
}

function summary({ head: { trigger, at }, end, steps }: Card): Node[] {
  const calls = [...steps.values()].filter(({ kind }) => kind === 'call').length;
  const result = end === undefined ? 'running' : [end.status, end.problem].filter(Boolean).join(' ');
  const detail = end === undefined ? '…' : `${end.ms} ms, ${calls} calls`;
  return [
    h('span', { class: 'what' }, ...triggerWords(trigger)),
    h('span', { class: 'result' }, result),
    h('span', { class: 'when' }, `${detail} · ${timeOfDay(at)}`),
  ];
}

function triggerWords(trigger: InvocationHead['trigger']): (Node | string)[] {
  switch (trigger.kind) {
    case 'http':
      return [h('b', {}, trigger.method), ` ${trigger.path.replace(/[a-z2-7]{26}/, (id) => `${id.slice(0, 6)}…`)}`];
    case 'queue':
      return [h('b', {}, 'Queue'), ` ${trigger.queue} ${trigger.messageId ?? ''}`];
    case 'timer':
      return [h('b', {}, 'Reconciler')];
  }
}

export function toneOf(status: string): string {
  if (/^2\d\d$|^ok$|^(vended|rotated|revoked|revoking|overlap-ended|previewed)$/.test(status)) return 'is-good';
  return /^[45]\d\d$|^failed$|^killed$/.test(status) ? 'is-bad' : 'is-odd';
}
