import { readFile } from 'node:fs/promises';
import { HostStartError } from './settings.ts';

/** @throws {HostStartError} when the file cannot be read or does not hold a JSON object. */
export async function readJsonObject(path: string): Promise<Record<string, unknown>> {
  const json = await readJson(path);
  if (!isObject(json)) throw new HostStartError(`${path}: not a JSON object`);
  return json;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new HostStartError(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}

const isObject = (json: unknown): json is Record<string, unknown> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);
