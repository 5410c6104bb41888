/** The app settings, which are the process's environment. */
export type AppSettings = Readonly<Record<string, string | undefined>>;

/** A reason not to start that the developer can act on. Its message is shown without a stack. */
export class HostStartError extends Error {
  override name = 'HostStartError';
}

/**
 * Replaces each `%NAME%` by that app setting, as in every binding property.
 * @throws {HostStartError} when a setting is missing.
 */
export function resolveSettings(text: string, settings: AppSettings): string {
  return text.replace(/%([^%]+)%/g, (whole, name: string) => {
    const value = settings[name];
    if (value === undefined) throw new HostStartError(`'${whole}' does not resolve to a value: no such app setting.`);
    return value;
  });
}
