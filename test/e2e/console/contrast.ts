export interface Contrast {
  readonly text: string;
  readonly color: string;
  readonly background: string;
  /** As WCAG 2 has it: 1 to 21. */
  readonly contrast: number;
}

/** As much of an element of the browser as is used here. */
interface Shown {
  readonly parentElement: Shown | null;
  readonly childNodes: Iterable<{ readonly nodeType: number; readonly textContent: string | null }>;
  readonly ownerDocument: {
    readonly defaultView: {
      getComputedStyle(element: Shown): { readonly color: string; readonly backgroundColor: string };
    };
  };
  getClientRects(): { readonly length: number };
  closest(selector: string): Shown | null;
}

/** Of every text that these elements show. It runs in the browser, so it uses nothing from around it. */
export function contrastsOf(elements: readonly Shown[]): Contrast[] {
  const styleOf = (element: Shown) => element.ownerDocument.defaultView.getComputedStyle(element);
  const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = channels(color)
      .slice(0, 3)
      .map((value) => value / 255)
      .map((value) => (value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const backgroundOf = (element: Shown): string => {
    for (let at: Shown | null = element; at !== null; at = at.parentElement) {
      const { backgroundColor } = styleOf(at);
      if (channels(backgroundColor)[3] !== 0) return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  const found: Contrast[] = [];
  for (const element of elements) {
    const text = [...element.childNodes].find((node) => node.nodeType === 3 && node.textContent?.trim());
    if (text === undefined || element.getClientRects().length === 0 || element.closest(':disabled') !== null) continue;
    const { color } = styleOf(element);
    const background = backgroundOf(element);
    const [light = 0, dark = 0] = [luminance(color), luminance(background)].toSorted((a, b) => b - a);
    found.push({ text: text.textContent ?? '', color, background, contrast: (light + 0.05) / (dark + 0.05) });
  }
  return found;
}
