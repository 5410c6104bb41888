/** The build puts it in: `--define` of the script `build`. */
declare const PACKAGE_VERSION: string;

/** The version of `package.json`. `development` where the code runs unbuilt. */
export const VERSION = typeof PACKAGE_VERSION === 'string' ? PACKAGE_VERSION : 'development';
