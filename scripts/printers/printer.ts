/** One generated file of the repository. What it prints from is imported; only what cannot be, such as the scripts of k6, is read. */
export interface Printer {
  /** Where the file goes, from the root of the repository, with forward slashes. */
  readonly path: string;
  print(): string | Promise<string>;
}
