/** The checks of a run, line by line, and its findings about the live service. Nothing secret gets through it. */
export interface Report {
  ok(check: string, detail: string): void;
  /** @param meaning in words, what it means and what to do. */
  failed(check: string, detail: string, meaning?: string): void;
  /** It could not be checked; that is no failure. */
  skipped(check: string, detail: string): void;
  /** Something that only a live subscription can answer. */
  found(question: string, answer: string): void;
  /** Something that is still there after the run, for a person to clear away. */
  left(what: string): void;
  /** Prints answers and sum. @returns whether nothing failed. */
  close(title: string): boolean;
}

/** A token, and Confluent's form of a secret. */
const SECRETS = /\beyJ[\w-]+\.[\w-]+\.[\w-]*|\bcflt[A-Za-z0-9+/]{16,}={0,2}/g;
const LINE_LIMIT = 600;

/** @param secrets whole texts that must not be printed, beside what looks like one. */
export function createReport(print: (line: string) => void, secrets: readonly string[]): Report {
  const counts = { ok: 0, FAILED: 0, skipped: 0 };
  const answers: (readonly [string, string])[] = [];
  const safely = (line: string): void => print(redacted(line, secrets));
  const count = (verdict: keyof typeof counts) => (check: string, detail: string) => {
    counts[verdict]++;
    safely(`${verdict.padEnd(8)}${check.padEnd(34)}${detail}`);
  };
  return {
    ok: count('ok'),
    failed: (check, detail, meaning = '') => {
      count('FAILED')(check, detail);
      if (meaning !== '') safely(`        → ${meaning}`);
    },
    skipped: count('skipped'),
    found: (question, answer) => answers.push([question, answer]),
    left: (what) => safely(`LEFT    ${what}`),
    close: (title) => {
      if (answers.length > 0) {
        for (const line of ['', 'For infra/RUNBOOK.md:', '', `| ${cell(title)} | answer |`, '|---|---|']) safely(line);
        for (const [question, answer] of answers) safely(`| ${cell(question)} | ${cell(answer)} |`);
      }
      print('');
      safely(`${counts.ok} ok, ${counts.FAILED} failed, ${counts.skipped} not checked`);
      return counts.FAILED === 0;
    },
  };
}

/** True where a text holds what looks like a secret. */
export const looksSecret = (text: string): boolean => text.search(SECRETS) >= 0;

/** One text, fit to be printed. */
export function redacted(line: string, secrets: readonly string[] = []): string {
  const whole = secrets.reduce((text, secret) => text.replaceAll(secret, '[hidden]'), line);
  const plain = whole.replace(SECRETS, '[hidden]').replace(/\p{Cc}/gu, ' ');
  return plain.length > LINE_LIMIT ? `${plain.slice(0, LINE_LIMIT)}…` : plain;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
