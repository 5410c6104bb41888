import type { LogEntry } from './log.ts';
import type { FunctionMetadata, InvocationRequest, InvocationResponse } from './rpc.ts';

/** From the host to the worker. */
export type HostMessage =
  | { readonly kind: 'invoke'; readonly request: InvocationRequest }
  | { readonly kind: 'terminate' };

/** From the worker to the host. */
export type WorkerMessage =
  | ({ readonly kind: 'loaded' } & LoadedApp)
  /** What the host does not emulate. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'log'; readonly entry: LogEntry }
  | { readonly kind: 'answer'; readonly invocationId: string; readonly answer: InvocationAnswer }
  | { readonly kind: 'terminated' };

export interface LoadedApp {
  readonly functions: readonly FunctionMetadata[];
  /** Why there are none, as far as the worker reports it. */
  readonly startError: string | undefined;
}

export type InvocationAnswer =
  | { readonly kind: 'succeeded'; readonly response: InvocationResponse }
  | { readonly kind: 'failed'; readonly error: string };
