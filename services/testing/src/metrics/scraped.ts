/** One line of an exposition that is no comment. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: # (\{.*\}) \S+ \S+)?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** What a process said of itself when it was scraped, in Prometheus' text format. */
export class Scraped {
  readonly text: string;
  readonly samples: readonly Sample[];
  /** The type of each family that is declared. */
  readonly types: ReadonlyMap<string, string>;
  readonly help: ReadonlyMap<string, string>;
  /** What an exemplar says, by the sample that has it. */
  readonly exemplars: ReadonlyMap<Sample, string>;

  static async from(url: string, accept = 'text/plain'): Promise<Scraped> {
    const answer = await fetch(url, { headers: { accept } });
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return new Scraped(await answer.text());
  }

  constructor(text: string) {
    const samples: Sample[] = [];
    const exemplars = new Map<Sample, string>();
    const [types, help] = [new Map<string, string>(), new Map<string, string>()];
    for (const line of text.split('\n').filter((one) => one !== '')) {
      const [, kind, name = '', rest = ''] = /^# (TYPE|HELP|EOF) ?(\S*) ?(.*)$/.exec(line) ?? [];
      if (kind === 'TYPE') types.set(name, rest);
      else if (kind === 'HELP') help.set(name, rest);
      else if (kind === undefined) samples.push(readSample(line, exemplars));
    }
    this.text = text;
    this.samples = samples;
    this.exemplars = exemplars;
    this.types = types;
    this.help = help;
  }

  /** The samples of a metric that have these labels, whatever others they have. */
  of(name: string, labels: Readonly<Record<string, string>> = {}): readonly Sample[] {
    return this.samples.filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
  }

  /** Their sum; NaN when there is none: what is not there is not 0. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const found = this.of(name, labels);
    return found.length === 0 ? Number.NaN : found.reduce((sum, { value }) => sum + value, 0);
  }
}

function readSample(line: string, exemplars: Map<Sample, string>): Sample {
  const [, name, labels = '', value, exemplar] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a sample: ${line}`);
  const pairs = [...labels.matchAll(LABEL)].map(([, label, text]) => [label!, text!]);
  const sample = { name, labels: Object.fromEntries(pairs), value: Number(value?.replace('Inf', 'Infinity')) };
  if (exemplar !== undefined) exemplars.set(sample, exemplar);
  return sample;
}
