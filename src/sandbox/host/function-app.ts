import { createRequire, Module } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readJsonObject } from './json-object.ts';
import type { HostLog } from './log.ts';
import type { FunctionCallback, FunctionMetadata, ProgrammingModel, RpcLogCategory, RpcLogLevel } from './rpc.ts';
import { HostStartError } from './settings.ts';

const CORE_MODULE = '@azure/functions-core';
const HOOKS = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'] as const;
export type HookName = (typeof HOOKS)[number];
type HookCallback = (context: object) => unknown;

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

class Disposable {
  #dispose: (() => unknown) | undefined;

  constructor(dispose: () => unknown) {
    this.#dispose = dispose;
  }

  static from(...parts: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const part of parts) part.dispose();
    });
  }

  dispose(): unknown {
    const dispose = this.#dispose;
    this.#dispose = undefined;
    return dispose?.();
  }
}

/** The app as the Node.js worker sees it: what it registered through `@azure/functions-core`. */
export class FunctionApp {
  readonly functions = new Map<string, RegisteredFunction>();
  /** Why there are no functions, as far as the worker reports it. */
  startError: string | undefined;
  readonly hookData: Record<string, unknown> = {};
  readonly appHookData: Record<string, unknown> = {};
  #hooks = new Map<HookName, HookCallback[]>(HOOKS.map((name) => [name, []]));
  #model: ProgrammingModel | undefined;
  #started = false;
  #log: HostLog;

  constructor(log: HostLog) {
    this.#log = log;
  }

  /**
   * Loads the entry point that package.json names, in the order in which the real worker does it. An app that fails meanwhile
   * has no functions. The worker reports that to the host only if a function had been registered by then. Without one it takes
   * the app for one of the older model, whose functions the host looks for by itself.
   */
  async load(appDir: string): Promise<void> {
    this.#provideCoreModule();
    const main = await entryPointOf(appDir);
    try {
      await loadScript(join(appDir, main.path), main.isModule);
    } catch (error) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      console.error(stack);
      if (this.functions.size > 0) this.startError = `Worker was unable to load entry point "${main.path}": ${message}`;
      this.functions.clear();
    }
    await this.runHooks('appStart', { ...this.#appContext(), functionAppDirectory: appDir });
    const capabilities = (await this.#model?.getCapabilities?.({})) ?? {};
    if (capabilities.HttpUri !== undefined)
      throw new HostStartError('app.setup({ enableHttpStream: true }) is not emulated: leave it off.');
    this.#started = true;
  }

  terminate(): Promise<void> {
    return this.runHooks('appTerminate', this.#appContext());
  }

  get model(): ProgrammingModel {
    if (this.#model === undefined) throw new HostStartError('The app set no programming model.');
    return this.#model;
  }

  async runHooks(name: HookName, context: object): Promise<void> {
    for (const callback of this.#callbacks(name)) await callback(context);
  }

  /** Log hooks may rewrite what the app logs; they are not awaited, and what they throw is not let through. */
  filterLog(
    level: RpcLogLevel,
    category: RpcLogCategory,
    message: string,
    invocation: { hookData: object; invocationContext: unknown } | undefined,
  ): { level: RpcLogLevel; message: string } {
    const context = { hookData: {}, appHookData: this.appHookData, ...invocation, level, category, message };
    try {
      for (const callback of this.#callbacks('log')) callback(context);
    } catch {
      return { level, message };
    }
    return category === 'user' ? { level: context.level, message: context.message } : { level, message };
  }

  #appContext(): object {
    return { hookData: this.hookData, appHookData: this.appHookData };
  }

  #callbacks(name: string): HookCallback[] {
    const callbacks = this.#hooks.get(name as HookName);
    if (callbacks === undefined) throw new RangeError(`Unrecognized hook "${name}"`);
    return callbacks;
  }

  /** Without it in place before the first `app.*` call, the library turns to its test mode and registers nothing. */
  #provideCoreModule(): void {
    const core = this.#coreModule();
    const original = Module.prototype.require;
    Module.prototype.require = function (this: Module, id: string): unknown {
      return id === CORE_MODULE ? core : original.call(this, id);
    };
  }

  #coreModule(): object {
    return {
      version: '3.12.0',
      hostVersion: '4.1045.0',
      Disposable,
      setProgrammingModel: (model: ProgrammingModel): void => {
        this.#model = model;
      },
      getProgrammingModel: () => this.#model,
      registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) => this.#register(metadata, callback),
      registerHook: (name: string, callback: HookCallback) => this.#registerHook(name, callback),
      log: (level: RpcLogLevel, category: RpcLogCategory, message: string): void => {
        this.#log({ ...this.filterLog(level, category, message, undefined), category: `Worker.${category}` });
      },
    };
  }

  #register(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    if (this.#started) throw new Error('A function can only be registered during app startup.');
    const id = metadata.functionId ?? metadata.name;
    if (this.functions.has(id)) throw new Error(`A function with id "${id}" has already been registered.`);
    this.functions.set(id, { metadata, callback });
    return new Disposable(() => this.functions.delete(id));
  }

  #registerHook(name: string, callback: HookCallback): Disposable {
    const callbacks = this.#callbacks(name);
    callbacks.push(callback);
    return new Disposable(() => callbacks.splice(callbacks.indexOf(callback), 1));
  }
}

interface EntryPoint {
  /** Below the app's folder. */
  readonly path: string;
  readonly isModule: boolean;
}

async function entryPointOf(appDir: string): Promise<EntryPoint> {
  const { main, type } = await readJsonObject(join(appDir, 'package.json'));
  if (typeof main !== 'string') throw new HostStartError(`${join(appDir, 'package.json')}: main: missing`);
  return { path: main, isModule: main.endsWith('.mjs') || (type === 'module' && !main.endsWith('.cjs')) };
}

async function loadScript(path: string, isModule: boolean): Promise<void> {
  if (isModule) await import(pathToFileURL(path).href);
  else createRequire(path)(path);
}
