import type { DataItemHeader } from './header.ts';

/** Whether an item's tags say that its payload is a bundle (ANS-104, section 2): these two, exactly so. */
export function carriesBundle({ tags }: Pick<DataItemHeader, 'tags'>): boolean {
  const says = (name: string, value: string): boolean => tags.some((tag) => tag.name === name && tag.value === value);
  return says('Bundle-Format', 'binary') && says('Bundle-Version', '2.0.0');
}
