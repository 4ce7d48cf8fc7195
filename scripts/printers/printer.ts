/** One generated file of the repository. Printing reads no files: what it needs is imported. */
export interface Printer {
  /** Where the file goes, from the root of the repository, with forward slashes. */
  readonly path: string;
  print(): string | Promise<string>;
}
