import { styleText } from 'node:util';
import type { Activity } from './activity.ts';
import type { InvocationEnd, InvocationHead, Trigger } from './types.ts';

/**
 * Prints a line for each invocation that ends: when, what for, how it ended, how long it took. Looks of the reconciler and
 * events of the vault are left out unless they fail: there is one each second.
 *
 * @returns how to stop
 */
export function printInvocations(activity: Activity, print: (line: string) => void): () => void {
  const running = new Map<string, InvocationHead>();
  return activity.listen((event) => {
    if (event.event === 'began') running.set(event.invocation.id, event.invocation);
    if (event.event !== 'ended') return;
    const head = running.get(event.invocationId);
    running.delete(event.invocationId);
    if (head !== undefined && (isAsked(head) || event.end.status !== 'ok')) print(lineOf(head, event.end));
  });
}

const isAsked = ({ trigger, functionName }: InvocationHead): boolean =>
  trigger.kind === 'http' || (trigger.kind === 'queue' && functionName !== 'events');

function lineOf({ trigger, at }: InvocationHead, { status, problem, ms }: InvocationEnd): string {
  const time = new Date(at).toLocaleTimeString('en-GB');
  const result = styleText(colorOf(status), status.padEnd(8));
  const parts = [styleText('dim', time), wordsOf(trigger).padEnd(58), result, `${ms} ms`.padStart(8)];
  return [...parts, problem].filter((part) => part !== undefined).join('  ');
}

const colorOf = (status: string): 'green' | 'red' | 'yellow' => {
  if (/^2\d\d$|^ok$|ed$|^revoking$/.test(status) && status !== 'failed' && status !== 'killed') return 'green';
  return /^5\d\d$|^failed$|^killed$/.test(status) ? 'red' : 'yellow';
};

function wordsOf(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'http':
      return `${trigger.method.padEnd(6)} ${trigger.path}`;
    case 'queue':
      return `queue  ${trigger.queue} ${trigger.messageId ?? ''}`;
    case 'timer':
      return 'timer';
  }
}
