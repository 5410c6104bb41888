/** Changes of the three transactions of a vend: its claim, the key, and the end. */
export const ROWS = [6, 3, 4] as const;

/** As long as the rows of a vend are on average. */
export const DOCUMENT = 'x'.repeat(800);
