import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { REPORT_VARIABLE } from './invocation-reports.ts';

const current = new AsyncLocalStorage<string>();

/**
 * Names each HTTP request after the invocation that makes it, by `traceparent`, so that those who watch can tell whose it
 * is. One that has a `traceparent` keeps it.
 */
if (process.env[REPORT_VARIABLE] !== undefined) {
  subscribe('http.client.request.created', (message) => {
    const traceparent = current.getStore();
    const { request } = message as { readonly request: ClientRequest };
    if (traceparent !== undefined && !request.headersSent && !request.hasHeader('traceparent')) {
      request.setHeader('traceparent', traceparent);
    }
  });
}

/** Runs an invocation whose requests are named after it. */
export const named = <T>(traceparent: string, run: () => Promise<T>): Promise<T> => current.run(traceparent, run);
