import type { Component, MetricDefinition } from '@bundler/contract';
import type { Scraped } from './scraped.ts';

type Catalogue = Readonly<Record<string, MetricDefinition>>;

/** What a process must show of a catalogue, and what is wrong with what it shows. */
export class CatalogueCheck {
  readonly #definitions: readonly MetricDefinition[];
  readonly #component: Component;
  readonly #scraped: Scraped;

  constructor(catalogue: Catalogue, component: Component, scraped: Scraped) {
    this.#definitions = Object.values(catalogue);
    this.#component = component;
    this.#scraped = scraped;
  }

  /** Metrics of this component that it does not declare, or as something else, and those of others that it declares. */
  misdeclared(): string[] {
    return this.#definitions
      .filter(({ components, name, type }) => {
        const isReported = components.includes(this.#component);
        return this.#scraped.types.get(name) !== (isReported ? type : undefined);
      })
      .map(({ name }) => name);
  }

  /** Metrics that nothing has happened to: gauges without a series, counters and histograms at 0. */
  unobserved(): string[] {
    return this.#definitions
      .filter(({ components, name, type }) => {
        if (!components.includes(this.#component)) return false;
        if (type === 'gauge') return this.#scraped.of(name).length === 0;
        return !(this.#scraped.value(type === 'histogram' ? `${name}_count` : name) > 0);
      })
      .map(({ name }) => name);
  }

  /** Labels that are not declared, and values of labels that list all they can have. */
  outOfBounds(): string[] {
    return this.#definitions.flatMap(({ labels, name, type }) => {
      const parts = type === 'histogram' ? [`${name}_bucket`, `${name}_count`] : [name];
      const samples = parts.flatMap((part) => this.#scraped.of(part));
      return samples.flatMap((sample) =>
        Object.entries(sample.labels)
          .filter(([label, value]) => {
            const allowed = labels[label];
            if (label === 'le' && type === 'histogram') return false;
            return allowed === undefined || (typeof allowed !== 'string' && !allowed.includes(value));
          })
          .map(([label, value]) => `${name}{${label}="${value}"}`),
      );
    });
  }
}
