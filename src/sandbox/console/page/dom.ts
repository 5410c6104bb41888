type Child = Node | string | undefined | false;
type Property = string | boolean | undefined | ((event: Event) => void);

/** An element with attributes, listeners (functions) and children. Text is always text, never markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Readonly<Record<string, Property>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (typeof value === 'string') element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** @throws Error where the page has no such element */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}.`);
  return element;
}

const signatures = new WeakMap<Element, string>();

/**
 * Makes the children of `container` show `items`, in order. An item that has not changed keeps its element, and so its
 * focus and what is open in it. One that has changed keeps the focus by `data-action`.
 */
export function show<T>(
  container: Element,
  items: readonly T[],
  keyOf: (item: T) => string,
  render: (item: T) => HTMLElement,
): void {
  const existing = new Map([...container.children].map((child) => [child.getAttribute('data-key') ?? '', child]));
  const wanted = items.map((item) => {
    const key = keyOf(item);
    const signature = JSON.stringify(item);
    const old = existing.get(key);
    if (old !== undefined && signatures.get(old) === signature) return old;
    const element = render(item);
    element.setAttribute('data-key', key);
    signatures.set(element, signature);
    if (old !== undefined) replaceKeepingFocus(old, element);
    return element;
  });
  const kept = new Set<Element>(wanted);
  for (const child of [...container.children]) if (!kept.has(child)) child.remove();
  for (const [index, element] of wanted.entries()) {
    if (container.children[index] !== element) container.insertBefore(element, container.children[index] ?? null);
  }
}

function replaceKeepingFocus(old: Element, element: Element): void {
  const focused = document.activeElement;
  const action = focused !== null && old.contains(focused) ? focused.getAttribute('data-action') : null;
  const open = [...old.querySelectorAll('details')].map((details) => details.open);
  old.replaceWith(element);
  for (const [index, details] of [...element.querySelectorAll('details')].entries())
    details.open = open[index] === true;
  if (action !== null) element.querySelector<HTMLElement>(`[data-action="${action}"]`)?.focus();
}

/** Local time of day of an ISO date or of milliseconds. */
export const timeOfDay = (time: string | number): string => new Date(time).toLocaleTimeString('en-GB');

/** `2026-11-29 18:30`, in UTC. */
export const dateOf = (iso: string): string => iso.slice(0, 16).replace('T', ' ');
