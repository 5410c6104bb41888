/** Values of one Bicep file that have a reason. Where one of them changes, the reason may end. */
export interface Kept {
  readonly file: string;
  readonly so: string;
  /** Lines of `path = value`, as `valuesOf` reads them. */
  readonly values: string;
}
