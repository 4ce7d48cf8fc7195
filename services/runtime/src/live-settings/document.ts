/** What the file of live settings holds. */
export interface LiveDocument {
  /** `metadata.generation` of the BundlerConfig that the values come from. */
  readonly generation: number;
  /** Values by environment variable, in the forms of the environment. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Reads the file's text. @throws Error that says what is wrong, in words that follow the file's name */
export function parseLiveDocument(text: string): LiveDocument {
  const { generation, settings } = Object(parse(text)) as Record<string, unknown>;
  if (!Number.isSafeInteger(generation) || (generation as number) < 0) {
    throw new Error(`must have a whole number as its generation, but has ${JSON.stringify(generation)}`);
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw new Error(`must have an object as its settings, but has ${JSON.stringify(settings)}`);
  }
  const wrong = Object.entries(settings).find(([, value]) => typeof value !== 'string');
  if (wrong) throw new Error(`must have a text for ${wrong[0]}, but has ${JSON.stringify(wrong[1])}`);
  return { generation: generation as number, settings: settings as Record<string, string> };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`is not JSON, or only half of it: ${(error as Error).message}`, { cause: error });
  }
}
